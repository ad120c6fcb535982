using System;
using System.Threading;
using Callgate.Abi;

namespace Callgate
{
    /// <summary>What a client knows of its connections.</summary>
    internal sealed class ClientState
    {
        private const int DefaultTimeoutMs = 6000;

        private static readonly Trampoline<ConnectedCallback> Counting = new Trampoline<ConnectedCallback>(OnConnected);

        private readonly ClientHandle _handle;
        private int _connectionTimeoutMs;
        private volatile bool _isDisposed;

        public ClientState(ClientHandle handle, TimeSpan? connectionTimeout)
        {
            _handle = handle;
            _connectionTimeoutMs = connectionTimeout == null
                ? DefaultTimeoutMs
                : (int)Math.Min(int.MaxValue, connectionTimeout.Value.TotalMilliseconds);
        }

        /// <summary>What C calls on each connection; its user_data is the counter.</summary>
        public static IntPtr Connected => Counting.Pointer;

        /// <summary>Kept by C, and so without a way back to the client's handle, which would never be freed.</summary>
        public ConnectionCounter Counter { get; } = new ConnectionCounter();

        /// <summary>How many connections there were; at least as many as calls have seen.</summary>
        public long Connections
        {
            get
            {
                // The counter is told of a connection at about the time that calls use it.
                try
                {
                    IntPtr error = IntPtr.Zero;
                    if (Native.callgate_client_connection(_handle, out ConnectionHandle current, ref error) == 0)
                        using (current)
                            Counter.See(Native.callgate_connection_generation(current));
                    Native.callgate_error_free(error);
                }
                catch (ObjectDisposedException)
                {
                    // There will be no more.
                }
                return Counter.Count;
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
                        nameof(value), value, "A timeout cannot be negative, except -1: without limit.");
                IntPtr error = IntPtr.Zero;
                int status = Native.callgate_client_set_connection_timeout(
                    _handle.Open("client"), value == 0 ? -2 : value, ref error);
                Failures.Check(status, error);
                _connectionTimeoutMs = value;
            }
        }

        private static void OnConnected(IntPtr userData, IntPtr connection)
        {
            ProcessExit.Pass();
            UserData.Get<ConnectionCounter>(userData).See(Native.callgate_connection_generation(connection));
        }

        internal sealed class ConnectionCounter
        {
            private readonly object _lock = new object();
            private long _count;

            public long Count
            {
                get
                {
                    lock (_lock)
                        return _count;
                }
            }

            public void See(ulong generation)
            {
                lock (_lock)
                    _count = Math.Max(_count, (long)generation);
            }
        }
    }
}
