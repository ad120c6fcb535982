using System;

namespace Callgate
{
    /// <summary>What programs use of a <see cref="ClientBuilder"/>, so that tests can put something else in its place.</summary>
    public interface IClientBuilder
    {
        /// <summary>
        /// Makes a client of the host on that pipe. It connects in the background, and again when the connection is
        /// lost, until it is disposed; this never waits for a host.
        /// </summary>
        IRpcClient ConnectToNamedPipe(string pipeName);

        /// <summary>Likewise, of the host on that TCP port.</summary>
        IRpcClient ConnectToTcpSocket(string hostname, int portNumber);

        /// <summary>
        /// Serves an interface to the host, on all connections that the clients of this builder make. The handler's
        /// methods run on Callgate's threads, several at once. Of several handlers of an interface the first serves.
        /// </summary>
        void AddCallbackHandler<TCallback>(TCallback callbackFactory);

        /// <summary>
        /// Makes every name of a callback interface with this prefix an alias of that interface; the longest prefix
        /// wins. In a name with an assembly, as types have it, what comes before the comma counts.
        /// </summary>
        void AddTypeAlias(string alias, Type interfaceType);
    }

    /// <summary>
    /// Makes clients, which serve to their hosts what was added to their builder, before they were made or later.
    /// One thread at a time uses it.
    /// </summary>
    public class ClientBuilder : OwnerBuilder, IClientBuilder
    {
        private int? _retryDelayMs;

        /// <summary>Only a host that this user runs will do; over TCP, where nobody can tell, that is refused.</summary>
        public uint? HostUserId { get; set; }

        /// <summary>
        /// The pause between two attempts to connect, in milliseconds, in place of those of the
        /// <see cref="OwnerBuilder.Limits"/>, which begin short and grow. Each pause varies by 20 %. Null: as the
        /// limits say.
        /// </summary>
        public int? RetryDelayMs
        {
            get => _retryDelayMs;
            set => _retryDelayMs = value == null || value > 0
                ? value
                : throw new ArgumentOutOfRangeException(nameof(value), value, "A delay is 1 ms at least.");
        }

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
            Delegates.Add(new CallbackHandler(InterfacePlan.Of(typeof(TCallback)).Type, () => callbackFactory()));
        }

        /// <inheritdoc/>
        public void AddTypeAlias(string alias, Type interfaceType) => Delegates.AddAlias(alias, interfaceType);

        /// <inheritdoc cref="IClientBuilder.ConnectToNamedPipe"/>
        public ReconnectingRpcClient ConnectToNamedPipe(string pipeName) => Connect(NamedPipeEndpoint.AddressOf(pipeName));

        /// <inheritdoc cref="IClientBuilder.ConnectToTcpSocket"/>
        public ReconnectingRpcClient ConnectToTcpSocket(string hostname, int portNumber) =>
            Connect(TcpEndpoint.AddressOf(hostname, portNumber));

        /// <summary>Likewise a client of the host at an address, e.g. "unix:///path".</summary>
        public ReconnectingRpcClient Connect(string address) => new ReconnectingRpcClient(this, address);

        IRpcClient IClientBuilder.ConnectToNamedPipe(string pipeName) => ConnectToNamedPipe(pipeName);

        IRpcClient IClientBuilder.ConnectToTcpSocket(string hostname, int portNumber) =>
            ConnectToTcpSocket(hostname, portNumber);

        /// <summary>What its clients serve; it may grow while they are connected.</summary>
        internal CallbackHandlers Delegates { get; } = new CallbackHandlers();

        internal Abi.NativeLimits NativeLimits()
        {
            Abi.NativeLimits limits = Limits.ToNative();
            if (RetryDelayMs is int delay)
                limits.ReconnectBackoffMinMs = limits.ReconnectBackoffMaxMs = delay;
            return limits;
        }
    }
}
