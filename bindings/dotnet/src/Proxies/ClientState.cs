using System;
using System.Threading;
using Callgate.Abi;

namespace Callgate
{
    /// <summary>What the proxies of a client ask it for.</summary>
    internal sealed class ClientState
    {
        private const int DefaultTimeoutMs = 6000;
        private const int LookMs = 20;
        private const int NotChosen = int.MinValue;

        private static readonly Trampoline<ConnectedCallback> Counting = new Trampoline<ConnectedCallback>(OnConnected);

        private readonly ClientHandle _handle;
        private readonly int _builtMs;
        private int _chosenMs = NotChosen;

        public ClientState(ClientHandle handle, TimeSpan? connectionTimeout)
        {
            _handle = handle;
            _builtMs = connectionTimeout == null
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

        /// <summary>Whether the program has changed the timeout since the client was made.</summary>
        public bool IsChosen => _chosenMs != NotChosen;

        public int ConnectionTimeoutMs
        {
            get => IsChosen ? _chosenMs : _builtMs;
            set => _chosenMs = value >= Timeout.Infinite
                ? value
                : throw new ArgumentOutOfRangeException(nameof(value), value, "A timeout cannot be negative, but for -1: none.");
        }

        /// <summary>As C has it, for which -1 too is to wait for ever.</summary>
        public long TimeoutMs => ConnectionTimeoutMs == 0 ? -2 : ConnectionTimeoutMs;

        /// <summary>Waits for a connection so long as was chosen, or until the call is withdrawn.</summary>
        public void Wait(ExceptionTypes known, Withdrawal? withdrawal)
        {
            // C's wait cannot be withdrawn: it is asked again and again.
            long left = TimeoutMs;
            while (true)
            {
                bool isLast = withdrawal == null || (left <= LookMs && left != Timeout.Infinite);
                IntPtr error = IntPtr.Zero;
                int status = Native.callgate_client_wait_connected(_handle, isLast ? left : LookMs, ref error);
                if (status == 0)
                    return;
                withdrawal?.ThrowIfWithdrawn();
                if (isLast || status != (int)Status.TimedOut)
                    throw Failures.Take(status, error, known, default);
                Native.callgate_error_free(error);
                left -= left == Timeout.Infinite ? 0 : LookMs;
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

    internal sealed class ClientProxyContext : ProxyContext
    {
        private readonly ClientState _client;

        public ClientProxyContext(
            Serializer serializer, ExceptionTypes known, Func<string, Exception, Exception>? faulted, ClientState client)
            : base(serializer, known, faulted) => _client = client;

        public override int? ConnectionTimeoutMs => _client.IsChosen ? _client.ConnectionTimeoutMs : (int?)null;

        public override void WaitConnected(Withdrawal? withdrawal)
        {
            try
            {
                _client.Wait(Known, withdrawal);
            }
            catch (ObjectDisposedException)
            {
                throw new ChannelClosedException("The client was disposed.", null);
            }
        }
    }
}
