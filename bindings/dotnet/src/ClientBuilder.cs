using System;
using System.Collections.Generic;

namespace Callgate
{
    /// <summary>What a <see cref="ClientBuilder"/> does, for programs that stand something else in for it.</summary>
    public interface IClientBuilder
    {
        /// <summary>
        /// Serves an interface to the host, on all connections that the client comes to have. The handler's
        /// methods run on Callgate's threads, several at once. At most one for each interface.
        /// </summary>
        void AddCallbackHandler<TCallback>(TCallback callback);

        /// <summary>Lets names of callback interfaces that begin so stand for that interface; the longest prefix wins.</summary>
        void AddTypeAlias(string alias, Type interfaceType);

        /// <summary>
        /// A client of the host on that pipe. It connects in the background, and again when the connection is
        /// lost, until it is disposed; this never waits for a host.
        /// </summary>
        IRpcClient ConnectToNamedPipe(string pipeName);

        /// <summary>Likewise, of the host on that TCP port.</summary>
        IRpcClient ConnectToTcpSocket(string hostname, int portNumber);
    }

    /// <summary>Makes clients: collects what they serve to their hosts. One thread at a time uses it.</summary>
    public sealed class ClientBuilder : OwnerBuilder, IClientBuilder
    {
        /// <inheritdoc/>
        public void AddCallbackHandler<TCallback>(TCallback callback)
        {
            if (callback == null)
                throw new ArgumentNullException(nameof(callback));
            AddCallbackHandler<TCallback>(() => callback);
        }

        /// <summary>Likewise with a handler of its own for each client that is made.</summary>
        public void AddCallbackHandler<TCallback>(Func<TCallback> callbackFactory)
        {
            if (callbackFactory == null)
                throw new ArgumentNullException(nameof(callbackFactory));
            InterfacePlan plan = InterfacePlan.Of(typeof(TCallback));
            if (Callbacks.ContainsKey(plan.Type))
                throw new InvalidOperationException($"{plan.Name} has a callback handler already.");
            Callbacks.Add(plan.Type, () => callbackFactory());
        }

        /// <inheritdoc/>
        public void AddTypeAlias(string alias, Type interfaceType) =>
            Aliases.Add(new KeyValuePair<string, Type>(alias, interfaceType));

        /// <summary>Only a host that this user runs will do; over TCP, where nobody can tell, that is refused.</summary>
        public uint? HostUserId { get; set; }

        /// <inheritdoc/>
        public IRpcClient ConnectToNamedPipe(string pipeName) => Connect(NamedPipeEndpoint.AddressOf(pipeName));

        /// <inheritdoc/>
        public IRpcClient ConnectToTcpSocket(string hostname, int portNumber) =>
            Connect(TcpEndpoint.AddressOf(hostname, portNumber));

        /// <summary>Likewise a client of the host at an address, e.g. "unix:///path".</summary>
        public IRpcClient Connect(string address) => new RpcClient(this, address);

        internal Dictionary<Type, Func<object?>> Callbacks { get; } = new Dictionary<Type, Func<object?>>();

        internal List<KeyValuePair<string, Type>> Aliases { get; } = new List<KeyValuePair<string, Type>>();
    }
}
