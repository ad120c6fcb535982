namespace Callgate
{
    /// <summary>What became of an operation. Expect numbers that are not listed here.</summary>
    public enum Status
    {
        /// <summary>It succeeded.</summary>
        Ok = 0,

        /// <summary>The delegate failed.</summary>
        RemoteError = 1,

        /// <summary>No such interface or method, or arguments or a result that do not fit.</summary>
        ContractMismatch = 2,

        /// <summary>No connection came in time, it was refused, or it was lost.</summary>
        ChannelFaulted = 3,

        /// <summary>The deadline passed.</summary>
        TimedOut = 4,

        /// <summary>The caller withdrew.</summary>
        Cancelled = 5,

        /// <summary>The client, host or connection was closed by its owner, on either side.</summary>
        Closed = 6,

        /// <summary>An initialisation routine failed; the inner exception tells why.</summary>
        InitialisationFailed = 7,

        /// <summary>A limit would be exceeded; the message names it.</summary>
        LimitExceeded = 8,

        /// <summary>The peer, or the operating system, does not allow it.</summary>
        AccessDenied = 9,

        /// <summary>The wait could only end in itself.</summary>
        WouldDeadlock = 10,

        /// <summary>This version of the library, or the peer's, cannot do it.</summary>
        Unsupported = 11,

        /// <summary>An argument is not acceptable; the message says what is.</summary>
        InvalidArgument = 12,

        /// <summary>A handle was freed.</summary>
        InvalidHandle = 13,

        /// <summary>Another host listens there already.</summary>
        AddressInUse = 14,

        /// <summary>A fault of Callgate itself.</summary>
        Internal = 15,

        /// <summary>The object was made before a fork and belongs to the parent process.</summary>
        Forked = 16,
    }

    /// <summary>Whether the delegate ran for a call that failed. The status never implies it.</summary>
    public enum Execution
    {
        /// <summary>It certainly did not run: calling again is safe.</summary>
        NotRun = 0,

        /// <summary>It ran.</summary>
        Ran = 1,

        /// <summary>The call may have left; whether it ran cannot be known.</summary>
        Unknown = 2,
    }
}
