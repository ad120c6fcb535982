using System;
using System.Runtime.Serialization;

namespace Callgate
{
    /// <summary>The delegate failed with an error for which no exception is registered.</summary>
    [Serializable]
    public sealed class RemoteException : CallgateException
    {
        /// <summary>Creates an exception that a delegate throws to fail with this type name.</summary>
        public RemoteException(string typeName, string message, string remoteTrace = "", object? details = null)
            : this(typeName, message, remoteTrace, details, null)
        {
        }

        internal RemoteException(
            string typeName, string message, string remoteTrace, object? details, Exception? innerException)
            : base(message, Status.RemoteError, innerException)
        {
            TypeName = typeName;
            RemoteTrace = remoteTrace;
            Details = details;
            Execution = Execution.Ran;
        }

        private RemoteException(SerializationInfo info, StreamingContext context) : base(info, context)
        {
            TypeName = info.GetString(nameof(TypeName))!;
            RemoteTrace = info.GetString(nameof(RemoteTrace))!;
            Details = info.GetValue(nameof(Details), typeof(object));
        }

        /// <summary>The name of the error's type in the delegate's language, e.g. "ZeroDivisionError".</summary>
        public string TypeName { get; }

        /// <summary>The delegate's stack trace as text, or empty.</summary>
        public string RemoteTrace { get; }

        /// <summary>The value that the delegate attached, or null.</summary>
        public object? Details { get; }

        /// <summary>The type name, the message, the inner exception, the remote trace and the local trace.</summary>
        public override string ToString() =>
            $"{GetType()}: {TypeName}: {Message}" +
            (InnerException == null ? "" : $"\n ---> {InnerException}") +
            (RemoteTrace.Length == 0 ? "" : $"\n--- remote trace ---\n{RemoteTrace}\n--- end of remote trace ---") +
            (StackTrace == null ? "" : "\n" + StackTrace);

        /// <inheritdoc/>
        public override void GetObjectData(SerializationInfo info, StreamingContext context)
        {
            base.GetObjectData(info, context);
            info.AddValue(nameof(TypeName), TypeName);
            info.AddValue(nameof(RemoteTrace), RemoteTrace);
            info.AddValue(nameof(Details), Details);
        }
    }
}
