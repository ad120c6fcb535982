using System;
using Callgate.Abi;
using Callgate.Runtime;

namespace Callgate
{
    /// <summary>
    /// A proxy of an interface that is given by name. Arguments are encoded by their type at run time; results are
    /// decoded to the simplest type that holds them. Any number of threads may use it.
    /// </summary>
    public sealed class UntypedProxy : IDisposable
    {
        private readonly RemoteObject _remote;
        private readonly Serializer _serializer;

        internal UntypedProxy(string name, ProxyHandle handle, ProxyContext context)
        {
            _remote = new RemoteObject(name, handle, new BoundMethod[0], context);
            _serializer = context.Serializer;
        }

        private UntypedProxy(RemoteObject remote, Serializer serializer)
        {
            _remote = remote;
            _serializer = serializer;
        }

        internal UntypedProxy With(CallOptions options) => new UntypedProxy(_remote.With(options), _serializer);

        /// <summary>Calls a method and waits for its result.</summary>
        public object? Call(string method, params object?[] arguments) => Call(method, null, arguments);

        /// <summary>Calls an overload by its signature, e.g. "Add_Int64_Int64", and waits for its result.</summary>
        public object? CallOverload(string method, string signature, params object?[] arguments) =>
            Call(method, signature, arguments);

        /// <summary>Frees the proxy. This is optional.</summary>
        public void Dispose() => _remote.Dispose();

        private object? Call(string method, string? signature, object?[] arguments)
        {
            var bound = new BoundMethod(_remote.Name, method, signature, arguments.Length, _serializer);
            OutgoingCall call = OutgoingCall.Begin(bound);
            foreach (object? argument in arguments)
                call.Add(argument);
            return _remote.Call<object?>(call);
        }
    }
}
