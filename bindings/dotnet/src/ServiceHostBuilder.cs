using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;

namespace Callgate
{
    /// <summary>What serves interfaces on demand.</summary>
    public interface IDelegateRegistrar
    {
        /// <summary>
        /// Adds a factory that makes the delegate of an interface, or null when that is not its own: then the
        /// next one is asked. It is asked once for each connection and interface, on one of Callgate's threads,
        /// for several connections at once.
        /// </summary>
        void AddDelegateFactory(Func<Type, object?> delegateFactory);

        /// <summary>
        /// Makes every interface name with this prefix an alias of that interface; the longest prefix wins. In a
        /// name with an assembly, as types have it, what comes before the comma counts.
        /// </summary>
        void AddTypeAlias(string alias, Type interfaceType);
    }

    /// <summary>What programs use of a <see cref="ServiceHostBuilder"/>, so that tests can put something else in its place.</summary>
    public interface IServiceHostBuilder : IDelegateRegistrar
    {
        /// <summary>Adds an endpoint to listen on; a host can have several.</summary>
        void AddEndpoint(IEndpoint endpoint);

        /// <summary>
        /// Adds the factory of an interface that also gets a proxy of the callback interface of the client's:
        /// it may be called at once, or kept until the connection ends. At most one for each interface.
        /// </summary>
        void AddDuplexDelegateFactory<TServiceContract, TClientCallback>(
            Func<TClientCallback, TServiceContract> serviceFactory);

        /// <summary>
        /// Adds a handler that runs for each client that has connected, before its calls are served. To refuse a
        /// client it disposes the connection; what it throws is logged and stops no other handler.
        /// </summary>
        void AddClientConnectedHandler(ClientConnectedEventHandler handler);

        /// <summary>Makes a host, which listens when this returns.</summary>
        IServiceHost Create();
    }

    /// <summary>Makes hosts: collects where they listen and what they serve. One thread at a time uses it.</summary>
    public class ServiceHostBuilder : OwnerBuilder, IServiceHostBuilder
    {
        /// <inheritdoc/>
        public void AddEndpoint(IEndpoint endpoint) =>
            Endpoints.Add(endpoint ?? throw new ArgumentNullException(nameof(endpoint)));

        /// <inheritdoc/>
        public void AddDelegateFactory(Func<Type, object?> delegateFactory)
        {
            if (delegateFactory == null)
                throw new ArgumentNullException(nameof(delegateFactory));
            Add((type, _) => delegateFactory(type), delegateFactory);
        }

        /// <summary>Likewise, and tells the factory whose delegate it makes.</summary>
        public void AddDelegateFactory(Func<Type, Connection, object?> delegateFactory)
        {
            if (delegateFactory == null)
                throw new ArgumentNullException(nameof(delegateFactory));
            Add(delegateFactory, delegateFactory);
        }

        /// <inheritdoc/>
        public void AddDuplexDelegateFactory<TServiceContract, TClientCallback>(
            Func<TClientCallback, TServiceContract> serviceFactory)
        {
            if (serviceFactory == null)
                throw new ArgumentNullException(nameof(serviceFactory));
            InterfacePlan service = InterfacePlan.Of(typeof(TServiceContract));
            if (Duplex.Any(factory => factory.Service == service))
                throw new InvalidOperationException($"{service.Name} has a duplex delegate factory already.");
            InterfacePlan callback = InterfacePlan.Of(typeof(TClientCallback));
            Duplex.Add(new DuplexFactory(service, callback, proxy => serviceFactory((TClientCallback)proxy)));
        }

        /// <inheritdoc/>
        public void AddTypeAlias(string alias, Type interfaceType) =>
            Aliases.Add(new KeyValuePair<string, Type>(
                alias ?? throw new ArgumentNullException(nameof(alias)),
                interfaceType ?? throw new ArgumentNullException(nameof(interfaceType))));

        /// <summary>
        /// Registers an interface, so that its name on the wire is known. Needed for an interface with an
        /// <see cref="InterfaceNameAttribute"/>, and for one in an assembly that is neither loaded nor referenced,
        /// directly or through others, by an assembly that declares a factory.
        /// </summary>
        public void AddInterface<TService>() => Interfaces.Add(InterfacePlan.Of(typeof(TService)).Type);

        /// <summary>Has the calls of each connection to that interface run one at a time, in order.</summary>
        public void AddOrderedInterface<TService>() => Ordered.Add(InterfacePlan.Of(typeof(TService)).Name);

        /// <inheritdoc/>
        public void AddClientConnectedHandler(ClientConnectedEventHandler handler) =>
            ConnectedHandlers.Add(handler ?? throw new ArgumentNullException(nameof(handler)));

        /// <inheritdoc cref="IServiceHostBuilder.Create"/>
        public ServiceHost Create() => new ServiceHost(this);

        IServiceHost IServiceHostBuilder.Create() => Create();

        private void Add(Func<Type, Connection, object?> factory, Delegate given)
        {
            Factories.Add(factory);
            FactoryAssemblies.Add(given.Method.Module.Assembly);
        }

        internal List<IEndpoint> Endpoints { get; } = new List<IEndpoint>();

        internal List<Func<Type, Connection, object?>> Factories { get; } = new List<Func<Type, Connection, object?>>();

        /// <summary>Where the program's factories are declared: contracts are looked for from there on.</summary>
        internal HashSet<Assembly> FactoryAssemblies { get; } = new HashSet<Assembly>();

        internal List<DuplexFactory> Duplex { get; } = new List<DuplexFactory>();

        internal List<KeyValuePair<string, Type>> Aliases { get; } = new List<KeyValuePair<string, Type>>();

        internal List<Type> Interfaces { get; } = new List<Type>();

        internal List<string> Ordered { get; } = new List<string>();

        internal List<ClientConnectedEventHandler> ConnectedHandlers { get; } = new List<ClientConnectedEventHandler>();
    }

    internal sealed class DuplexFactory
    {
        public DuplexFactory(InterfacePlan service, InterfacePlan callback, Func<object, object?> make)
        {
            Service = service;
            Callback = callback;
            Make = make;
        }

        public InterfacePlan Service { get; }

        public InterfacePlan Callback { get; }

        public Func<object, object?> Make { get; }
    }
}
