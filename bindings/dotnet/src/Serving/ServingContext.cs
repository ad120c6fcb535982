using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Linq;

namespace Callgate
{
    /// <summary>The settings that the delegates of a host or client share.</summary>
    internal sealed class ServingContext
    {
        private readonly ConcurrentDictionary<Type, MethodTable> _tables = new ConcurrentDictionary<Type, MethodTable>();
        private readonly ConcurrentDictionary<KeyValuePair<Type, Type>, MethodTable> _borrowed =
            new ConcurrentDictionary<KeyValuePair<Type, Type>, MethodTable>();

        public ServingContext(OwnerBuilder builder, ExceptionTypes known, HandlerFailures handlers)
        {
            Serializer = builder.Serializer;
            RemoteTraces = builder.RemoteTraces;
            Known = known;
            Handlers = handlers;
        }

        public Serializer Serializer { get; }

        public ExceptionTypes Known { get; }

        /// <summary>Whether errors are sent with their traces.</summary>
        public bool RemoteTraces { get; }

        public HandlerFailures Handlers { get; }

        /// <summary>
        /// The methods of an interface. Throws an <see cref="ArgumentException"/> if a method cannot be called remotely.
        /// </summary>
        public MethodTable TableOf(Type type) => _tables.GetOrAdd(type, MakeTable);

        /// <summary>The methods of an interface that other interfaces of a class share.</summary>
        public MethodTable TableOf(Type type, Type served) => _borrowed.GetOrAdd(
            new KeyValuePair<Type, Type>(type, served), key => MakeTable(InterfacePlan.Of(key.Key), key.Value));

        private MethodTable MakeTable(InterfacePlan asked, Type served)
        {
            var found = new List<ServedMethod>();
            foreach (Type other in served.GetInterfaces())
                if (InterfacePlan.TryOf(other) is InterfacePlan plan)
                    found.AddRange(plan.Methods
                        .Where(method => asked.Methods.Any(wanted => wanted.IsLike(method)))
                        .Where(method => !found.Any(earlier => earlier.Plan.IsLike(method)))
                        .Select(method => new ServedMethod(new BoundMethod(plan, method, Serializer))));
            if (found.Count == 0)
                throw new ContractMismatchException(
                    $"the delegate for {asked.Name} is a {served}, which neither implements the interface nor shares " +
                    "methods with it through another interface");
            return new MethodTable(found, this);
        }

        private MethodTable MakeTable(Type type) => new MethodTable(
            BoundMethod.AllOf(InterfacePlan.Of(type), Serializer).Select(bound => new ServedMethod(bound)), this);
    }
}
