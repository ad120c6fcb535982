using System;

namespace Callgate
{
    /// <summary>What Callgate throws when an operation fails; <see cref="Status"/> says why.</summary>
    public class CallgateException : Exception
    {
        /// <summary>Makes one; programs seldom do.</summary>
        public CallgateException(string message, Status status = Status.Internal, Exception? inner = null)
            : base(message, inner) => Status = status;

        /// <summary>What became of the operation.</summary>
        public Status Status { get; }

        /// <summary>Whether the delegate ran.</summary>
        public Execution Execution { get; internal set; }

        /// <summary>The operating system's code (errno, GetLastError), or 0.</summary>
        public int OsCode { get; internal set; }
    }

    /// <summary>No connection came in time, it was refused or lost, the time was over, or the owner closed.</summary>
    public class ChannelFaultedException : CallgateException
    {
        /// <summary>With a message of its own.</summary>
        public ChannelFaultedException() : this("The connection was closed, or none could be made.")
        {
        }

        /// <summary>With that message, and what caused it.</summary>
        public ChannelFaultedException(string message, Exception? inner = null)
            : this(message, Status.ChannelFaulted, inner)
        {
        }

        internal ChannelFaultedException(string message, Status status, Exception? inner)
            : base(message, status, inner)
        {
        }
    }

    /// <summary>The deadline passed: no connection, no room or no answer in time.</summary>
    public sealed class CallTimedOutException : ChannelFaultedException
    {
        internal CallTimedOutException(string message, Exception? inner) : base(message, Status.TimedOut, inner)
        {
        }
    }

    /// <summary>The client, host or connection was closed by its owner.</summary>
    public sealed class ChannelClosedException : ChannelFaultedException
    {
        internal ChannelClosedException(string message, Exception? inner) : base(message, Status.Closed, inner)
        {
        }
    }

    /// <summary>No such interface or method, or arguments or a result that do not fit.</summary>
    public class ContractMismatchException : CallgateException
    {
        /// <summary>With a message of its own.</summary>
        public ContractMismatchException() : this("The contract is another at the other end.")
        {
        }

        /// <summary>A delegate throws it to refuse what it was given.</summary>
        public ContractMismatchException(string message, Exception? inner = null)
            : base(message, Status.ContractMismatch, inner)
        {
        }
    }

    /// <summary>An initialisation routine failed; the inner exception is what it failed with.</summary>
    public sealed class InitialisationFailedException : CallgateException
    {
        internal InitialisationFailedException(string message, Exception? inner)
            : base(message, Status.InitialisationFailed, inner)
        {
        }
    }

    /// <summary>The delegate failed with an error that has no known exception here.</summary>
    public sealed class RemoteException : CallgateException
    {
        /// <summary>A delegate throws it to fail with a type name of its choice.</summary>
        public RemoteException(string typeName, string message, string remoteTrace = "", object? details = null)
            : base(message, Status.RemoteError)
        {
            TypeName = typeName;
            RemoteTrace = remoteTrace;
            Details = details;
            Execution = Execution.Ran;
        }

        /// <summary>The name of the error's type in the delegate's language, e.g. "ZeroDivisionError".</summary>
        public string TypeName { get; }

        /// <summary>The delegate's stack trace as text, or empty.</summary>
        public string RemoteTrace { get; }

        /// <summary>A value that the delegate added, or null.</summary>
        public object? Details { get; }

        /// <summary>With the type's name, and the remote trace before this process's own.</summary>
        public override string ToString() =>
            $"{GetType()}: {TypeName}: {Message}" +
            (RemoteTrace.Length == 0 ? "" : $"\n--- remote trace ---\n{RemoteTrace}\n--- end of remote trace ---") +
            (StackTrace == null ? "" : "\n" + StackTrace);
    }

    /// <summary>A call was withdrawn by its <see cref="System.Threading.CancellationToken"/>.</summary>
    public sealed class CallCancelledException : OperationCanceledException
    {
        internal CallCancelledException(
            string message, Execution execution, System.Threading.CancellationToken token) : base(message, token) =>
            Execution = execution;

        /// <summary>Whether the delegate ran.</summary>
        public Execution Execution { get; }
    }
}
