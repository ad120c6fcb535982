namespace Callgate
{
    /// <summary>The outcome of an operation. Later versions may add numbers: handle unknown ones.</summary>
    public enum Status
    {
        /// <summary>Success.</summary>
        Ok = 0,

        /// <summary>The delegate failed.</summary>
        RemoteError = 1,

        /// <summary>The interface or method does not exist, or the arguments or the result do not match.</summary>
        ContractMismatch = 2,

        /// <summary>No connection in time, or the connection was refused or lost.</summary>
        ChannelFaulted = 3,

        /// <summary>The deadline passed.</summary>
        TimedOut = 4,

        /// <summary>The caller cancelled it.</summary>
        Cancelled = 5,

        /// <summary>The client, host or connection was closed by its owner, on either side.</summary>
        Closed = 6,

        /// <summary>An initialisation routine failed; the inner exception says why.</summary>
        InitialisationFailed = 7,

        /// <summary>A limit would be exceeded; the message names it.</summary>
        LimitExceeded = 8,

        /// <summary>The peer or the operating system denies access.</summary>
        AccessDenied = 9,

        /// <summary>Waiting would deadlock: what is waited for depends on this thread.</summary>
        WouldDeadlock = 10,

        /// <summary>This version of the library, or the peer's, cannot do it.</summary>
        Unsupported = 11,

        /// <summary>An argument is invalid; the message says what is valid.</summary>
        InvalidArgument = 12,

        /// <summary>The object was disposed.</summary>
        InvalidHandle = 13,

        /// <summary>Another host already listens on this endpoint.</summary>
        AddressInUse = 14,

        /// <summary>A bug in Callgate.</summary>
        Internal = 15,

        /// <summary>The object was created before a fork and belongs to the parent process.</summary>
        Forked = 16,
    }

    /// <summary>Whether the delegate of a failed call ran. The status never implies it.</summary>
    public enum Execution
    {
        /// <summary>It did not run: calling again is safe.</summary>
        NotRun = 0,

        /// <summary>It ran.</summary>
        Ran = 1,

        /// <summary>The call may have been sent; whether it ran is unknown.</summary>
        Unknown = 2,
    }
}
