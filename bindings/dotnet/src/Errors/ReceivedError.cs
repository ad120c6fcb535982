using System;

namespace Callgate
{
    /// <summary>A remote error as it was received: text and plain values, not yet an exception.</summary>
    internal sealed class ReceivedError
    {
        public ReceivedError(string typeName, string message, string trace, object? data)
        {
            ExceptionParts? parts = ExceptionParts.Of(data);
            TypeName = typeName;
            Message = message;
            Trace = trace;
            Parts = parts ?? ExceptionParts.None;
            Details = parts == null ? data : null;
        }

        public string TypeName { get; }

        public string Message { get; }

        public string Trace { get; }

        /// <summary>The value that the delegate attached.</summary>
        public object? Details { get; }

        /// <summary>The parts of a .NET exception.</summary>
        public ExceptionParts Parts { get; }

        /// <summary>The exception for an error without a registered type.</summary>
        public RemoteException ToRemote(Exception? inner) => new RemoteException(TypeName, Message, Trace, Details, inner);
    }
}
