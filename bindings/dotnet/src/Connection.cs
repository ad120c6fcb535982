using System;
using Callgate.Abi;

namespace Callgate
{
    /// <summary>
    /// One established conversation between a client and a host, so that tests can put something else in its
    /// place: see <see cref="Connection"/>. Any number of threads may use it.
    /// </summary>
    public interface IConnection : IDisposable
    {
        /// <summary>Names it in logs; unlike any other connection's of this process.</summary>
        string ConnectionId { get; }

        /// <summary>Whether it is still open. It may end the moment after.</summary>
        bool IsConnected { get; }

        /// <summary>
        /// Raised once when it has ended; at once for a handler that is added later. What a handler throws is logged
        /// and stops no other.
        /// </summary>
        event ClientDisconnectedEventHandler Disconnected;
    }

    /// <summary>Is told of a client that has connected, before any of its calls is served.</summary>
    public delegate void ClientConnectedEventHandler(ConnectedEventArgs args);

    /// <summary>Is told of a client that has disconnected.</summary>
    public delegate void ClientDisconnectedEventHandler(DisconnectedEventArgs args);

    /// <summary>Which connection has begun.</summary>
    public sealed class ConnectedEventArgs
    {
        /// <summary>Made by Callgate.</summary>
        public ConnectedEventArgs(IConnection connection) => Connection = connection;

        /// <summary>The connection; it may be kept.</summary>
        public IConnection Connection { get; }
    }

    /// <summary>Which connection has ended.</summary>
    public sealed class DisconnectedEventArgs
    {
        /// <summary>Made by Callgate.</summary>
        public DisconnectedEventArgs(IConnection connection) => Connection = connection;

        /// <summary>The connection.</summary>
        public IConnection Connection { get; }
    }

    /// <summary>
    /// A Callgate connection: what handlers and factories get. Any number of threads may use it.
    /// </summary>
    public sealed unsafe class Connection : IConnection
    {
        private readonly ConnectionHandle _handle;
        private readonly ProxyContext _context;
        private readonly HandlerFailures _handlers;
        private readonly object _lock = new object();
        private ClientDisconnectedEventHandler? _disconnected;
        private bool _hasEnded;

        /// <summary>Keeps a connection that a callback was lent.</summary>
        internal Connection(IntPtr borrowed, ProxyContext context, HandlerFailures handlers)
        {
            IntPtr error = IntPtr.Zero;
            int status = Native.callgate_connection_clone(borrowed, out _handle, ref error);
            Failures.Check(status, error);
            ConnectionId = Native.callgate_connection_id(borrowed).ToString();
            _context = context;
            _handlers = handlers;
        }

        /// <inheritdoc/>
        public string ConnectionId { get; }

        /// <inheritdoc/>
        public bool IsConnected => Native.callgate_connection_is_open(_handle);

        /// <summary>The user at the other end, for which the operating system vouches, or null (TCP).</summary>
        public long? PeerUserId => Known(Native.callgate_connection_peer_uid(_handle));

        /// <summary>The process at the other end, or null. Information, never proof.</summary>
        public long? PeerProcessId => Known(Native.callgate_connection_peer_pid(_handle));

        /// <summary>The network address of the other end; empty where there is none.</summary>
        public string PeerAddress =>
            Text.Read(Native.callgate_connection_peer_address(_handle, out UIntPtr length), length);

        /// <inheritdoc/>
        public event ClientDisconnectedEventHandler Disconnected
        {
            add
            {
                lock (_lock)
                {
                    _disconnected += value;
                    if (!_hasEnded)
                        return;
                }
                Raise(value);
            }
            remove
            {
                lock (_lock)
                    _disconnected -= value;
            }
        }

        /// <summary>Makes a proxy of an interface that the other end serves. It dies with the connection.</summary>
        public T CreateProxy<T>()
        {
            InterfacePlan plan = InterfacePlan.Of(typeof(T));
            IntPtr error = IntPtr.Zero;
            int status;
            ProxyHandle made;
            fixed (byte* name = Text.Name(plan.Name))
                status = Native.callgate_connection_proxy(_handle, name, out made, ref error);
            Failures.Check(status, error);
            return (T)ProxyTypes.Make(plan, made, _context);
        }

        /// <summary>Ends the connection, without waiting. The object may be used on; it says that it is closed.</summary>
        public void Dispose() => Native.callgate_connection_close(_handle, IntPtr.Zero);

        /// <summary>Tells the handlers that it has ended.</summary>
        internal void End()
        {
            ClientDisconnectedEventHandler? handlers;
            lock (_lock)
            {
                _hasEnded = true;
                handlers = _disconnected;
            }
            if (handlers != null)
                Raise(handlers);
        }

        private void Raise(ClientDisconnectedEventHandler handlers)
        {
            // One by one, so that a handler that throws stops no other.
            foreach (ClientDisconnectedEventHandler handler in handlers.GetInvocationList())
                _handlers.Run("a disconnected handler", () => handler(new DisconnectedEventArgs(this)));
        }

        private static long? Known(long number) => number < 0 ? (long?)null : number;
    }
}
