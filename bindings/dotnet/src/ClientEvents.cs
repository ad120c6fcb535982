using System;
using System.Collections.Generic;
using Callgate.Abi;

namespace Callgate
{
    /// <summary>
    /// Raises a client's events. C keeps it alive, so it must not refer to the client's handle, which would then never
    /// be freed.
    /// </summary>
    internal sealed class ClientEvents
    {
        private static readonly Trampoline<ConnectedCallback> Connecting = new Trampoline<ConnectedCallback>(OnConnected);
        private static readonly Trampoline<DisconnectedCallback> Disconnecting =
            new Trampoline<DisconnectedCallback>(OnDisconnected);

        private readonly object _lock = new object();
        private readonly ProxyContext _context;
        private readonly HandlerFailures _handlers;
        private ClientConnectedEventHandler? _connected;
        private ClientDisconnectedEventHandler? _disconnected;
        private Connection? _current;
        private long _count;

        public ClientEvents(ProxyContext context, HandlerFailures handlers)
        {
            _context = context;
            _handlers = handlers;
        }

        /// <summary>The callback for a connection that has begun; its user_data is a ClientEvents.</summary>
        public static IntPtr Connected => Connecting.Pointer;

        /// <summary>The callback for a connection that has ended; its user_data is a ClientEvents.</summary>
        public static IntPtr Disconnected => Disconnecting.Pointer;

        /// <summary>The number of connections so far.</summary>
        public long Count
        {
            get
            {
                lock (_lock)
                    return _count;
            }
        }

        /// <summary>Adds a handler, which runs at once if there is a connection.</summary>
        public void Add(ClientConnectedEventHandler handler)
        {
            Connection? current;
            lock (_lock)
            {
                _connected += handler;
                current = _current;
            }
            if (current != null)
                Guard(() => handler(new ConnectedEventArgs(current)));
        }

        public void Remove(ClientConnectedEventHandler handler)
        {
            lock (_lock)
                _connected -= handler;
        }

        public void Add(ClientDisconnectedEventHandler handler)
        {
            lock (_lock)
                _disconnected += handler;
        }

        public void Remove(ClientDisconnectedEventHandler handler)
        {
            lock (_lock)
                _disconnected -= handler;
        }

        /// <summary>Counts a connection that a call has used, perhaps before the handlers run.</summary>
        public void See(ulong generation)
        {
            lock (_lock)
                _count = Math.Max(_count, (long)generation);
        }

        private static void OnConnected(IntPtr userData, IntPtr connection)
        {
            ProcessExit.Pass();
            var events = UserData.Get<ClientEvents>(userData);
            events.Guard(() => events.Begin(connection));
        }

        private static void OnDisconnected(IntPtr userData, IntPtr connection, IntPtr reason)
        {
            ProcessExit.Pass();
            var events = UserData.Get<ClientEvents>(userData);
            events.Guard(events.End);
        }

        private void Begin(IntPtr borrowed)
        {
            See(Native.callgate_connection_generation(borrowed));
            var connection = new Connection(borrowed, _context, _handlers);
            ClientConnectedEventHandler? handlers;
            lock (_lock)
            {
                _current = connection;
                handlers = _connected;
            }
            foreach (Delegate handler in Each(handlers))
                Guard(() => ((ClientConnectedEventHandler)handler)(new ConnectedEventArgs(connection)));
        }

        /// <summary>A client has one connection at a time, so the one that has ended is the current one.</summary>
        private void End()
        {
            Connection? ended;
            ClientDisconnectedEventHandler? handlers;
            lock (_lock)
            {
                ended = _current;
                _current = null;
                handlers = _disconnected;
            }
            if (ended == null)
                return;
            Guard(ended.End);
            foreach (Delegate handler in Each(handlers))
                Guard(() => ((ClientDisconnectedEventHandler)handler)(new DisconnectedEventArgs(ended)));
        }

        private static IEnumerable<Delegate> Each(Delegate? handlers) => handlers?.GetInvocationList() ?? new Delegate[0];

        private void Guard(Action step) => _handlers.Run("a handler of a client's connections", step);
    }
}
