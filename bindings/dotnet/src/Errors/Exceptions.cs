using System;
using System.Runtime.Serialization;

namespace Callgate
{
    /// <summary>An operation failed; <see cref="Status"/> says why.</summary>
    [Serializable]
    public class CallgateException : Exception
    {
        /// <summary>Creates an exception with a default message.</summary>
        public CallgateException() : this("The operation failed.", Status.Internal)
        {
        }

        /// <summary>Creates an exception with a message and its cause.</summary>
        public CallgateException(string message, Exception? innerException = null)
            : this(message, Status.Internal, innerException)
        {
        }

        /// <summary>Creates an exception with a status.</summary>
        public CallgateException(string message, Status status, Exception? innerException = null)
            : base(message, innerException) => Status = status;

        /// <summary>Restores a serialised exception.</summary>
        protected CallgateException(SerializationInfo info, StreamingContext context) : base(info, context)
        {
            Status = (Status)info.GetInt32(nameof(Status));
            Execution = (Execution)info.GetInt32(nameof(Execution));
            OsCode = info.GetInt32(nameof(OsCode));
        }

        /// <summary>Why the operation failed.</summary>
        public Status Status { get; }

        /// <summary>Whether the call ran.</summary>
        public Execution Execution { get; internal set; }

        /// <summary>The operating system's error code (errno, GetLastError), or 0.</summary>
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

    /// <summary>
    /// No connection in time, or the connection was refused or lost; or, in a derived type, the deadline passed, or the
    /// owner closed the client, host or connection.
    /// </summary>
    [Serializable]
    public class ChannelFaultedException : CallgateException
    {
        /// <summary>Creates an exception with a default message.</summary>
        public ChannelFaultedException() : this("There is no connection, or the connection was lost.")
        {
        }

        /// <summary>Creates an exception with a message.</summary>
        public ChannelFaultedException(string message) : base(message, Status.ChannelFaulted)
        {
        }

        /// <summary>Creates an exception with a message and its cause.</summary>
        public ChannelFaultedException(string message, Exception? innerException)
            : this(message, Status.ChannelFaulted, innerException)
        {
        }

        internal ChannelFaultedException(string message, Status status, Exception? innerException)
            : base(message, status, innerException)
        {
        }

        /// <summary>Restores a serialised exception.</summary>
        protected ChannelFaultedException(SerializationInfo info, StreamingContext context) : base(info, context)
        {
        }
    }

    /// <summary>The deadline passed.</summary>
    [Serializable]
    public sealed class CallTimedOutException : ChannelFaultedException
    {
        /// <summary>Creates an exception with a default message.</summary>
        public CallTimedOutException() : this("The deadline passed.")
        {
        }

        /// <summary>Creates an exception with a message and its cause.</summary>
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
        /// <summary>Creates an exception with a default message.</summary>
        public ChannelClosedException() : this("The client, host or connection was closed.")
        {
        }

        /// <summary>Creates an exception with a message and its cause.</summary>
        public ChannelClosedException(string message, Exception? innerException = null)
            : base(message, Status.Closed, innerException)
        {
        }

        private ChannelClosedException(SerializationInfo info, StreamingContext context) : base(info, context)
        {
        }
    }

    /// <summary>The interface or method does not exist, or the arguments or the result do not match.</summary>
    [Serializable]
    public class ContractMismatchException : CallgateException
    {
        /// <summary>Creates an exception with a default message.</summary>
        public ContractMismatchException() : this("The two sides have different contracts.")
        {
        }

        /// <summary>Creates an exception with which a delegate rejects its arguments.</summary>
        public ContractMismatchException(string message) : base(message, Status.ContractMismatch)
        {
        }

        /// <summary>Creates an exception with which a delegate rejects its arguments, with its cause.</summary>
        public ContractMismatchException(string message, Exception? innerException)
            : base(message, Status.ContractMismatch, innerException)
        {
        }

        /// <summary>Restores a serialised exception.</summary>
        protected ContractMismatchException(SerializationInfo info, StreamingContext context) : base(info, context)
        {
        }
    }

    /// <summary>An initialisation routine failed; the inner exception says why.</summary>
    [Serializable]
    public sealed class InitialisationFailedException : CallgateException
    {
        /// <summary>Creates an exception with a default message.</summary>
        public InitialisationFailedException() : this("The initialisation routine failed.")
        {
        }

        /// <summary>Creates an exception with a message and its cause.</summary>
        public InitialisationFailedException(string message, Exception? innerException = null)
            : base(message, Status.InitialisationFailed, innerException)
        {
        }

        private InitialisationFailedException(SerializationInfo info, StreamingContext context) : base(info, context)
        {
        }
    }

    /// <summary>A <see cref="System.Threading.CancellationToken"/> cancelled the call.</summary>
    [Serializable]
    public sealed class CallCancelledException : OperationCanceledException
    {
        /// <summary>Creates an exception with a default message.</summary>
        public CallCancelledException() : this("The call was cancelled.")
        {
        }

        /// <summary>Creates an exception with a message and its cause.</summary>
        public CallCancelledException(string message, Exception? innerException = null) : base(message, innerException)
        {
        }

        internal CallCancelledException(
            string message, Execution execution, System.Threading.CancellationToken token) : base(message, token) =>
            Execution = execution;

        private CallCancelledException(SerializationInfo info, StreamingContext context) : base(info, context) =>
            Execution = (Execution)info.GetInt32(nameof(Execution));

        /// <summary>Whether the call ran.</summary>
        public Execution Execution { get; }

        /// <inheritdoc/>
        public override void GetObjectData(SerializationInfo info, StreamingContext context)
        {
            base.GetObjectData(info, context);
            info.AddValue(nameof(Execution), (int)Execution);
        }
    }
}
