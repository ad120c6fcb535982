using System;
using System.Collections.Concurrent;
using System.Linq;
using Callgate.Abi;

namespace Callgate
{
    /// <summary>The state that the callbacks of a host share.</summary>
    internal sealed class HostState
    {
        private readonly ConcurrentDictionary<ulong, Connection> _connections = new ConcurrentDictionary<ulong, Connection>();
        private readonly ClientConnectedEventHandler[] _handlers;

        public HostState(ServiceHostBuilder builder)
        {
            _handlers = builder.ConnectedHandlers.ToArray();
            var known = new ExceptionTypes(builder.Known);
            Handlers = new HandlerFailures(builder.Log);
            Serving = new ServingContext(builder, known, Handlers);
            Callbacks = new ProxyContext(builder.Serializer, known, null);
            Types = new InterfaceTypes(builder.FactoryAssemblies);
            foreach (Type type in builder.Interfaces.Concat(builder.Aliases.Select(alias => alias.Value)))
                Types.Add(type);
            RefuseContracts(builder);
        }

        public HandlerFailures Handlers { get; }

        public ServingContext Serving { get; }

        /// <summary>The context of the proxies of callback interfaces.</summary>
        public ProxyContext Callbacks { get; }

        public InterfaceTypes Types { get; }

        public void Begin(IntPtr borrowed)
        {
            Connection connection = Get(borrowed);
            foreach (ClientConnectedEventHandler handler in _handlers)
                Handlers.Run("a connected handler", () => handler(new ConnectedEventArgs(connection)));
        }

        /// <summary>Throws an <see cref="ArgumentException"/> for a contract that cannot be served or called.</summary>
        private void RefuseContracts(ServiceHostBuilder builder)
        {
            foreach (Type type in builder.Interfaces.Concat(builder.Aliases.Select(alias => alias.Value)))
                Serving.TableOf(type);
            foreach (DuplexFactory duplex in builder.Duplex)
            {
                Serving.TableOf(duplex.Service.Type);
                ProxyTypes.Prepare(duplex.Callback, builder.Serializer);
            }
        }

        public Connection Get(IntPtr borrowed)
        {
            ulong id = Native.callgate_connection_id(borrowed);
            return _connections.TryGetValue(id, out Connection? known)
                ? known
                : _connections.GetOrAdd(id, new Connection(borrowed, Callbacks, Handlers));
        }

        public void End(IntPtr borrowed)
        {
            if (_connections.TryRemove(Native.callgate_connection_id(borrowed), out Connection? ended))
                ended.End();
        }
    }

    /// <summary>A factory with the state of its host.</summary>
    internal abstract class Maker
    {
        protected Maker(HostState state) => State = state;

        public HostState State { get; }
    }

    /// <summary>A delegate factory.</summary>
    internal sealed class PlainMaker : Maker
    {
        private readonly Func<Type, Connection, object?> _factory;

        public PlainMaker(Func<Type, Connection, object?> factory, HostState state) : base(state) => _factory = factory;

        public ServedDelegate? Make(string name, IntPtr connection)
        {
            foreach (Type type in State.Types.Find(name))
                if (_factory(type, State.Get(connection)) is object made)
                    return new ServedDelegate(made, type, State.Serving);
            return null;
        }
    }

    /// <summary>A duplex delegate factory.</summary>
    internal sealed class DuplexMaker : Maker
    {
        private readonly DuplexFactory _factory;

        public DuplexMaker(DuplexFactory factory, HostState state) : base(state) => _factory = factory;

        public ServedDelegate? Make(IntPtr borrowed)
        {
            IntPtr error = IntPtr.Zero;
            int status = Native.callgate_proxy_clone(borrowed, out ProxyHandle kept, ref error);
            Failures.Check(status, error);
            object? made = _factory.Make(ProxyTypes.Make(_factory.Callback, kept, State.Callbacks));
            return made == null ? null : new ServedDelegate(made, _factory.Service.Type, State.Serving);
        }
    }
}
