using System;
using System.Threading;
using Callgate.Abi;

namespace Callgate
{
    /// <summary>The state of a client's connections.</summary>
    internal sealed class ClientState
    {
        private const int DefaultTimeoutMs = 6000;

        private readonly ClientHandle _handle;
        private int _connectionTimeoutMs;
        private volatile bool _isDisposed;

        public ClientState(ClientHandle handle, TimeSpan? connectionTimeout, ClientEvents events)
        {
            _handle = handle;
            Events = events;
            _connectionTimeoutMs = connectionTimeout == null
                ? DefaultTimeoutMs
                : (int)Math.Min(int.MaxValue, connectionTimeout.Value.TotalMilliseconds);
        }

        public ClientEvents Events { get; }

        /// <summary>The number of connections so far, at least those that calls have used.</summary>
        public long Connections
        {
            get
            {
                // Calls may use a connection before its event is raised.
                try
                {
                    IntPtr error = IntPtr.Zero;
                    if (Native.callgate_client_connection(_handle, out ConnectionHandle current, ref error) == 0)
                        using (current)
                            Events.See(Native.callgate_connection_generation(current));
                    Native.callgate_error_free(error);
                }
                catch (ObjectDisposedException)
                {
                    // There will be no more connections.
                }
                return Events.Count;
            }
        }

        /// <summary>Whether the program has disposed the client.</summary>
        public bool IsDisposed
        {
            get => _isDisposed;
            set => _isDisposed = value;
        }

        public int ConnectionTimeoutMs
        {
            get => _connectionTimeoutMs;
            set
            {
                if (value < Timeout.Infinite)
                    throw new ArgumentOutOfRangeException(
                        nameof(value), value, "A timeout must not be negative, except -1, which means no limit.");
                IntPtr error = IntPtr.Zero;
                int status = Native.callgate_client_set_connection_timeout(
                    _handle.Open("client"), value == 0 ? -2 : value, ref error);
                Failures.Check(status, error);
                _connectionTimeoutMs = value;
            }
        }
    }
}
