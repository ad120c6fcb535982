using System;
using System.Collections.Generic;

namespace Callgate
{
    /// <summary>Makes clients: collects what they serve to their hosts. One thread at a time uses it.</summary>
    public sealed class ClientBuilder : OwnerBuilder
    {
        /// <summary>
        /// Serves an interface to the host, on all connections that the client comes to have. The handler's
        /// methods run on Callgate's threads, several at once. At most one for each interface.
        /// </summary>
        public void AddCallbackHandler<TCallback>(TCallback callback)
        {
            if (callback == null)
                throw new ArgumentNullException(nameof(callback));
            InterfacePlan plan = InterfacePlan.Of(typeof(TCallback));
            if (Callbacks.ContainsKey(plan.Type))
                throw new InvalidOperationException($"{plan.Name} has a callback handler already.");
            Callbacks.Add(plan.Type, callback);
        }

        /// <summary>Lets names of callback interfaces that begin so stand for that interface; the longest prefix wins.</summary>
        public void AddTypeAlias(string alias, Type interfaceType) =>
            Aliases.Add(new KeyValuePair<string, Type>(alias, interfaceType));

        /// <summary>Only a host that this user runs will do; over TCP, where nobody can tell, that is refused.</summary>
        public uint? HostUserId { get; set; }

        /// <summary>
        /// A client of the host on that pipe. It connects in the background, and again when the connection is
        /// lost, until it is disposed; this never waits for a host.
        /// </summary>
        public IRpcClient ConnectToNamedPipe(string pipeName) => Connect(NamedPipeEndpoint.AddressOf(pipeName));

        /// <summary>Likewise, of the host on that TCP port.</summary>
        public IRpcClient ConnectToTcpSocket(string hostname, int portNumber) =>
            Connect(TcpEndpoint.AddressOf(hostname, portNumber));

        /// <summary>Likewise, of the host at an address, e.g. "unix:///path".</summary>
        public IRpcClient Connect(string address) => new RpcClient(this, address);

        internal Dictionary<Type, object> Callbacks { get; } = new Dictionary<Type, object>();

        internal List<KeyValuePair<string, Type>> Aliases { get; } = new List<KeyValuePair<string, Type>>();
    }
}
