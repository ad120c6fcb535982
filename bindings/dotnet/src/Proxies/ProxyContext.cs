using System;

namespace Callgate
{
    /// <summary>The settings that the proxies of a client or connection share.</summary>
    internal sealed class ProxyContext
    {
        private readonly ClientState? _client;

        public ProxyContext(
            Serializer serializer, ExceptionTypes known, Func<string, Exception?, Exception>? faulted, ClientState? client = null)
        {
            _client = client;
            Serializer = serializer;
            Known = known;
            Faulted = faulted;
        }

        public Serializer Serializer { get; }

        public ExceptionTypes Known { get; }

        /// <summary>Creates the program's exception instead of a ChannelFaultedException; or null.</summary>
        public Func<string, Exception?, Exception>? Faulted { get; }

        /// <summary>The exception of a call whose client, host or connection was closed.</summary>
        public Exception Closed(ChannelClosedException closed) =>
            _client?.IsDisposed == true && closed.Execution == Execution.NotRun
                ? new ObjectDisposedException(
                    typeof(ReconnectingRpcClient).FullName, "The client was disposed; the call did not run.")
                : (Exception)closed;
    }
}
