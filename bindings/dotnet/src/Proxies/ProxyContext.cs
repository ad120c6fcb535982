using System;

namespace Callgate
{
    /// <summary>What the proxies of a client or a connection have in common.</summary>
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

        /// <summary>Makes what the program wants in place of a ChannelFaultedException; or null.</summary>
        public Func<string, Exception?, Exception>? Faulted { get; }

        /// <summary>What a call throws because one end was closed.</summary>
        public Exception Closed(ChannelClosedException closed) =>
            _client?.IsDisposed == true && closed.Execution == Execution.NotRun
                ? new ObjectDisposedException(
                    typeof(ReconnectingRpcClient).FullName, "The client was disposed; the call did not run.")
                : (Exception)closed;
    }
}
