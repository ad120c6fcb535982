using System;
using System.Collections.Generic;
using Callgate.Abi;

namespace Callgate
{
    /// <summary>
    /// The interface of <see cref="Connection"/>, for programs whose tests replace it. Any number of threads may use a
    /// connection.
    /// </summary>
    public interface IConnection : IDisposable
    {
        /// <summary>
        /// The connection's number, used in the logs of both sides. The host's process assigns it, so connections of one
        /// client process to two hosts can have the same number.
        /// </summary>
        string ConnectionId { get; }

        /// <summary>Whether the connection is still open. It may end at any moment.</summary>
        bool IsConnected { get; }

        /// <summary>
        /// Raised once when the connection has ended. A handler that is added later runs at once. An exception of a
        /// handler is logged, and the other handlers still run.
        /// </summary>
        event ClientDisconnectedEventHandler Disconnected;
    }

    /// <summary>Handles a client that has connected, before the first call of that client runs.</summary>
    public delegate void ClientConnectedEventHandler(ConnectedEventArgs args);

    /// <summary>Handles a client that has disconnected.</summary>
    public delegate void ClientDisconnectedEventHandler(DisconnectedEventArgs args);

    /// <summary>A connection that has begun.</summary>
    public sealed class ConnectedEventArgs
    {
        /// <summary>Creates the arguments of an event.</summary>
        public ConnectedEventArgs(IConnection connection) => Connection = connection;

        /// <summary>The connection. The program may keep it.</summary>
        public IConnection Connection { get; }
    }

    /// <summary>A connection that has ended.</summary>
    public sealed class DisconnectedEventArgs
    {
        /// <summary>Creates the arguments of an event.</summary>
        public DisconnectedEventArgs(IConnection connection) => Connection = connection;

        /// <summary>The connection.</summary>
        public IConnection Connection { get; }
    }

    /// <summary>
    /// One established conversation between a client and a host. Keeping the object does not keep the connection open.
    /// Any number of threads may use it.
    /// </summary>
    public sealed unsafe class Connection : IConnection
    {
        private readonly ConnectionHandle _handle;
        private readonly ProxyContext _context;
        private readonly HandlerFailures _handlers;
        private readonly object _lock = new object();
        private ClientDisconnectedEventHandler? _disconnected;
        private bool _hasEnded;

        /// <summary>Keeps a connection that a callback borrows.</summary>
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

        /// <summary>
        /// The peer's user, vouched for by the operating system: its uid on Unix, its SID on Windows; empty if unknown
        /// (TCP).
        /// </summary>
        public string PeerUser => Text.Read(Native.callgate_connection_peer_user(_handle, out UIntPtr length), length);

        /// <summary>
        /// The name of the peer's user ("DOMAIN\name" on Windows), for people; empty if it has none, or the user is
        /// unknown. The first use looks it up, and may wait for a server.
        /// </summary>
        public string PeerUserName =>
            Text.Read(Native.callgate_connection_peer_user_name(_handle, out UIntPtr length), length);

        /// <summary>
        /// The uid of the peer's user, vouched for by the operating system; null if unknown (TCP, Windows).
        /// </summary>
        public long? PeerUid => Known(Native.callgate_connection_peer_uid(_handle));

        /// <summary>The peer's process id, or null. For information, never as proof: process ids are reused.</summary>
        public long? PeerProcessId => Known(Native.callgate_connection_peer_pid(_handle));

        /// <summary>The peer's network address, e.g. "127.0.0.1:50312"; empty if it has none.</summary>
        public string PeerAddress =>
            Text.Read(Native.callgate_connection_peer_address(_handle, out UIntPtr length), length);

        /// <summary>
        /// The fingerprint of the peer's key over TLS, as trust= takes it; empty if the peer has shown no certificate. The
        /// peer has proved that it has the key.
        /// </summary>
        public string PeerKey => Text.Read(Native.callgate_connection_peer_key(_handle, out UIntPtr length), length);

        /// <summary>
        /// The common name in the peer's certificate, for people; empty if there is none. Its authority vouches for it if
        /// trust= names authorities; if it names keys, it is what the peer says of itself.
        /// </summary>
        public string PeerCommonName =>
            Text.Read(Native.callgate_connection_peer_common_name(_handle, out UIntPtr length), length);

        /// <summary>
        /// The DNS names and URIs in the peer's certificate. The same vouches for them as for the common name.
        /// </summary>
        public IReadOnlyList<string> PeerNames
        {
            get
            {
                string names = Text.Read(Native.callgate_connection_peer_names(_handle, out UIntPtr length), length);
                return names.Length == 0 ? Array.Empty<string>() : names.Split('\n');
            }
        }

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

        /// <summary>
        /// Creates a proxy of an interface that the peer serves on this connection. It stops working when the connection
        /// ends.
        /// </summary>
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

        /// <summary>Ends the connection without waiting. The object stays usable.</summary>
        public void Dispose() => Native.callgate_connection_close(_handle, IntPtr.Zero);

        /// <summary>Raises the Disconnected event.</summary>
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
            // One by one, so that an exception of one handler does not stop the others.
            foreach (ClientDisconnectedEventHandler handler in handlers.GetInvocationList())
                _handlers.Run("a disconnected handler", () => handler(new DisconnectedEventArgs(this)));
        }

        private static long? Known(long number) => number < 0 ? (long?)null : number;
    }
}
