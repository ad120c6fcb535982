using System;

namespace Callgate
{
    /// <summary>The interface of <see cref="ClientBuilder"/>, for programs whose tests replace it.</summary>
    public interface IClientBuilder
    {
        /// <summary>
        /// Creates a client of the host that listens on a pipe. The client connects in the background, and reconnects
        /// until it is disposed. This never waits for a host.
        /// </summary>
        IRpcClient ConnectToNamedPipe(string pipeName);

        /// <summary>
        /// Creates a client of the host that listens on a TCP port. The client connects in the background, and
        /// reconnects until it is disposed. This never waits for a host.
        /// </summary>
        IRpcClient ConnectToTcpSocket(string hostname, int portNumber);

        /// <summary>
        /// Serves a callback interface to the host on all connections of this builder's clients. The handler's methods
        /// run on Callgate's threads, several at once. If an interface has several handlers, the first one serves it.
        /// </summary>
        void AddCallbackHandler<TCallback>(TCallback callbackFactory);

        /// <summary>
        /// Makes every name of a callback interface that begins with this prefix an alias of the interface. The longest
        /// matching prefix wins. Of an assembly-qualified name, only the part before the comma is used.
        /// </summary>
        void AddTypeAlias(string alias, Type interfaceType);
    }

    /// <summary>
    /// Creates clients. They serve to their hosts what is added to the builder, before or after they are created. Only
    /// one thread at a time may use a builder.
    /// </summary>
    public class ClientBuilder : OwnerBuilder, IClientBuilder
    {
        private int? _retryDelayMs;
        private Verify _verify;

        /// <summary>
        /// The user that the host must run as: a uid or a name on Unix, a SID or a name on Windows. A host that runs as
        /// another user, root included, is rejected. Over TCP the user is never known, so creating a client fails.
        /// </summary>
        public string? HostUser { get; set; }

        /// <summary>
        /// Whether a client of several endpoints tries them in a random order, which is chosen once, so that clients
        /// spread over the hosts.
        /// </summary>
        public bool ShuffleEndpoints { get; set; }

        /// <summary>
        /// When proxies compare their descriptions of interfaces with the host's, unless the client is not
        /// <see cref="OwnerBuilder.Described"/>.
        /// </summary>
        public Verify Verify
        {
            get => _verify;
            set => _verify = Enum.IsDefined(typeof(Verify), value)
                ? value
                : throw new ArgumentOutOfRangeException(nameof(value), value, "The enum Verify does not have this value.");
        }

        /// <summary>
        /// The pause between two attempts to connect, in milliseconds. It replaces the growing pauses of the
        /// <see cref="OwnerBuilder.Limits"/>. Each pause varies by 20 %. Null: the pauses of the limits.
        /// </summary>
        public int? RetryDelayMs
        {
            get => _retryDelayMs;
            set => _retryDelayMs = value == null || value > 0
                ? value
                : throw new ArgumentOutOfRangeException(nameof(value), value, "A delay must be at least 1 ms.");
        }

        /// <inheritdoc/>
        public void AddCallbackHandler<TCallback>(TCallback callback)
        {
            if (callback == null)
                throw new ArgumentNullException(nameof(callback));
            AddCallbackHandler<TCallback>(() => callback);
        }

        /// <summary>
        /// Serves a callback interface to the host on all connections of this builder's clients. The factory creates a
        /// handler for each client.
        /// </summary>
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

        /// <summary>
        /// Creates a client of the host at an address, e.g. "unix:///path", or of hosts that can stand in for one
        /// another: up to 64 addresses, separated by commas. The client connects in the background, and reconnects until
        /// it is disposed: to the same address again, and if that fails, at once to the next one. A call that may have
        /// run is not made again. This never waits for a host.
        /// </summary>
        public ReconnectingRpcClient Connect(string address) => new ReconnectingRpcClient(this, address);

        IRpcClient IClientBuilder.ConnectToNamedPipe(string pipeName) => ConnectToNamedPipe(pipeName);

        IRpcClient IClientBuilder.ConnectToTcpSocket(string hostname, int portNumber) =>
            ConnectToTcpSocket(hostname, portNumber);

        /// <summary>The handlers of its clients. The program may add some while clients are connected.</summary>
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
