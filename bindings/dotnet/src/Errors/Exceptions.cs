using System;
using System.Runtime.Serialization;

namespace Callgate
{
    /// <summary>What Callgate throws when an operation fails; <see cref="Status"/> says why.</summary>
    [Serializable]
    public class CallgateException : Exception
    {
        /// <summary>With a message of its own.</summary>
        public CallgateException() : this("The operation failed.", Status.Internal)
        {
        }

        /// <summary>With that message, and what caused it.</summary>
        public CallgateException(string message, Exception? innerException = null)
            : this(message, Status.Internal, innerException)
        {
        }

        /// <summary>With that status; programs seldom make one.</summary>
        public CallgateException(string message, Status status, Exception? innerException = null)
            : base(message, innerException) => Status = status;

        /// <summary>Restores one that was serialised.</summary>
        protected CallgateException(SerializationInfo info, StreamingContext context) : base(info, context)
        {
            Status = (Status)info.GetInt32(nameof(Status));
            Execution = (Execution)info.GetInt32(nameof(Execution));
            OsCode = info.GetInt32(nameof(OsCode));
        }

        /// <summary>What became of the operation.</summary>
        public Status Status { get; }

        /// <summary>Whether the delegate ran.</summary>
        public Execution Execution { get; internal set; }

        /// <summary>The operating system's code (errno, GetLastError), or 0.</summary>
        public int OsCode { get; internal set; }

        /// <inheritdoc/>
        public override void GetObjectData(SerializationInfo info, StreamingContext context)
        {
            base.GetObjectData(info, context);
            info.AddValue(nameof(Status), (int)Status);
            info.AddValue(nameof(Execution), (int)Execution);
            info.AddValue(nameof(OsCode), OsCode);
        }
    }

    /// <summary>No connection came in time, it was refused or lost, the time was over, or the owner closed.</summary>
    [Serializable]
    public class ChannelFaultedException : CallgateException
    {
        /// <summary>With a message of its own.</summary>
        public ChannelFaultedException() : this("The connection was closed, or none could be made.")
        {
        }

        /// <summary>With that message.</summary>
        public ChannelFaultedException(string message) : base(message, Status.ChannelFaulted)
        {
        }

        /// <summary>With that message, and what caused it.</summary>
        public ChannelFaultedException(string message, Exception? innerException)
            : this(message, Status.ChannelFaulted, innerException)
        {
        }

        internal ChannelFaultedException(string message, Status status, Exception? innerException)
            : base(message, status, innerException)
        {
        }

        /// <summary>Restores one that was serialised.</summary>
        protected ChannelFaultedException(SerializationInfo info, StreamingContext context) : base(info, context)
        {
        }
    }

    /// <summary>The deadline passed: no connection, no room or no answer in time.</summary>
    [Serializable]
    public sealed class CallTimedOutException : ChannelFaultedException
    {
        /// <summary>With a message of its own.</summary>
        public CallTimedOutException() : this("The deadline passed.")
        {
        }

        /// <summary>With that message, and what caused it.</summary>
        public CallTimedOutException(string message, Exception? innerException = null)
            : base(message, Status.TimedOut, innerException)
        {
        }

        private CallTimedOutException(SerializationInfo info, StreamingContext context) : base(info, context)
        {
        }
    }

    /// <summary>The client, host or connection was closed by its owner, on either side.</summary>
    [Serializable]
    public sealed class ChannelClosedException : ChannelFaultedException
    {
        /// <summary>With a message of its own.</summary>
        public ChannelClosedException() : this("The client, host or connection was closed.")
        {
        }

        /// <summary>With that message, and what caused it.</summary>
        public ChannelClosedException(string message, Exception? innerException = null)
            : base(message, Status.Closed, innerException)
        {
        }

        private ChannelClosedException(SerializationInfo info, StreamingContext context) : base(info, context)
        {
        }
    }

    /// <summary>No such interface or method, or arguments or a result that do not fit.</summary>
    [Serializable]
    public class ContractMismatchException : CallgateException
    {
        /// <summary>With a message of its own.</summary>
        public ContractMismatchException() : this("The contract is another at the other end.")
        {
        }

        /// <summary>A delegate throws it to refuse what it was given.</summary>
        public ContractMismatchException(string message) : base(message, Status.ContractMismatch)
        {
        }

        /// <summary>Likewise with what caused it.</summary>
        public ContractMismatchException(string message, Exception? innerException)
            : base(message, Status.ContractMismatch, innerException)
        {
        }

        /// <summary>Restores one that was serialised.</summary>
        protected ContractMismatchException(SerializationInfo info, StreamingContext context) : base(info, context)
        {
        }
    }

    /// <summary>An initialisation routine failed; the inner exception is what it failed with.</summary>
    [Serializable]
    public sealed class InitialisationFailedException : CallgateException
    {
        /// <summary>With a message of its own.</summary>
        public InitialisationFailedException() : this("The initialisation routine failed.")
        {
        }

        /// <summary>With that message, and what caused it.</summary>
        public InitialisationFailedException(string message, Exception? innerException = null)
            : base(message, Status.InitialisationFailed, innerException)
        {
        }

        private InitialisationFailedException(SerializationInfo info, StreamingContext context) : base(info, context)
        {
        }
    }

    /// <summary>A call was withdrawn by its <see cref="System.Threading.CancellationToken"/>.</summary>
    [Serializable]
    public sealed class CallCancelledException : OperationCanceledException
    {
        /// <summary>With a message of its own.</summary>
        public CallCancelledException() : this("The call was cancelled.")
        {
        }

        /// <summary>With that message, and what caused it.</summary>
        public CallCancelledException(string message, Exception? innerException = null) : base(message, innerException)
        {
        }

        internal CallCancelledException(
            string message, Execution execution, System.Threading.CancellationToken token) : base(message, token) =>
            Execution = execution;

        private CallCancelledException(SerializationInfo info, StreamingContext context) : base(info, context) =>
            Execution = (Execution)info.GetInt32(nameof(Execution));

        /// <summary>Whether the delegate ran.</summary>
        public Execution Execution { get; }

        /// <inheritdoc/>
        public override void GetObjectData(SerializationInfo info, StreamingContext context)
        {
            base.GetObjectData(info, context);
            info.AddValue(nameof(Execution), (int)Execution);
        }
    }
}
