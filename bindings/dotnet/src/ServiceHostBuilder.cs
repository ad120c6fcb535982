using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;

namespace Callgate
{
    /// <summary>Serves interfaces through delegate factories.</summary>
    public interface IDelegateRegistrar
    {
        /// <summary>
        /// Adds a delegate factory, which is asked after those added before it, at most once per connection and interface.
        /// It returns the delegate of the interface, or null to leave the interface to the next factory. It runs on a
        /// Callgate thread, for several connections at once. If it throws, the caller gets the exception, and the next
        /// call asks it again.
        /// </summary>
        void AddDelegateFactory(Func<Type, object?> delegateFactory);

        /// <summary>
        /// Makes every interface name that begins with this prefix an alias of the interface. The longest matching prefix
        /// wins. Of an assembly-qualified name, only the part before the comma is used.
        /// </summary>
        void AddTypeAlias(string alias, Type interfaceType);
    }

    /// <summary>The interface of <see cref="ServiceHostBuilder"/>, for programs whose tests replace it.</summary>
    public interface IServiceHostBuilder : IDelegateRegistrar
    {
        /// <summary>Adds an endpoint to listen on; a host can have several.</summary>
        void AddEndpoint(IEndpoint endpoint);

        /// <summary>
        /// Adds the duplex delegate factory of an interface, which takes precedence over all plain factories. It also
        /// gets a proxy of the client's callback interface. The proxy can be called at once, from any thread, until the
        /// connection ends. A second duplex factory for the same interface throws an
        /// <see cref="InvalidOperationException"/>.
        /// </summary>
        void AddDuplexDelegateFactory<TServiceContract, TClientCallback>(
            Func<TClientCallback, TServiceContract> serviceFactory);

        /// <summary>
        /// Adds a handler that runs for each client that connects, before the first call of that client runs. To reject
        /// the client, it disposes the connection. An exception of the handler is logged, and the other handlers still
        /// run.
        /// </summary>
        void AddClientConnectedHandler(ClientConnectedEventHandler handler);

        /// <summary>Creates and starts a host. When this returns, clients can connect.</summary>
        IServiceHost Create();
    }

    /// <summary>
    /// Creates hosts: collects their endpoints and what they serve. Only one thread at a time may use a builder.
    /// </summary>
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

        /// <summary>
        /// Adds a delegate factory that also gets the connection. It is asked after those added before it, at most once
        /// per connection and interface, and returns null to leave the interface to the next factory.
        /// </summary>
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
                throw new InvalidOperationException(
                    $"{service.Name} already has a duplex delegate factory: an interface can have only one.");
            InterfacePlan callback = InterfacePlan.Of(typeof(TClientCallback));
            Duplex.Add(new DuplexFactory(service, callback, proxy => serviceFactory((TClientCallback)proxy)));
        }

        /// <inheritdoc/>
        public void AddTypeAlias(string alias, Type interfaceType) =>
            Aliases.Add(new KeyValuePair<string, Type>(
                alias ?? throw new ArgumentNullException(nameof(alias)),
                interfaceType ?? throw new ArgumentNullException(nameof(interfaceType))));

        /// <summary>
        /// Registers an interface, so that factories are asked for its name on the wire. It is necessary for an interface
        /// with an <see cref="InterfaceNameAttribute"/>, and for one in an assembly that is neither loaded nor referenced,
        /// directly or indirectly, by an assembly that declares a factory.
        /// </summary>
        public void AddInterface<TService>() => Interfaces.Add(InterfacePlan.Of(typeof(TService)).Type);

        /// <summary>
        /// Makes the calls of each connection to this interface run one at a time, in order of arrival. Calls nested in a
        /// running one do not wait for it.
        /// </summary>
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

        /// <summary>The assemblies that declare the factories, where the search for contracts begins.</summary>
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
