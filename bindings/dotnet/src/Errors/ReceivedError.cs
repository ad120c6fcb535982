using System;

namespace Callgate
{
    /// <summary>A remote error as it came in: text and plain values, of which nothing is made yet.</summary>
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

        /// <summary>The value that the delegate's program added.</summary>
        public object? Details { get; }

        /// <summary>What an exception of .NET took along.</summary>
        public ExceptionParts Parts { get; }

        /// <summary>The exception for an error that no type here stands for.</summary>
        public RemoteException ToRemote(Exception? inner) => new RemoteException(TypeName, Message, Trace, Details, inner);
    }
}
