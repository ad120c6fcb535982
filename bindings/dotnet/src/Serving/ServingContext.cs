using System;
using System.Collections.Concurrent;
using System.Linq;

namespace Callgate
{
    /// <summary>What the delegates of a host or a client have in common.</summary>
    internal sealed class ServingContext
    {
        private readonly ConcurrentDictionary<Type, MethodTable> _tables = new ConcurrentDictionary<Type, MethodTable>();

        public ServingContext(Serializer serializer, ExceptionTypes known, HandlerFailures handlers)
        {
            Serializer = serializer;
            Known = known;
            Handlers = handlers;
        }

        public Serializer Serializer { get; }

        public ExceptionTypes Known { get; }

        public HandlerFailures Handlers { get; }

        /// <summary>The methods of an interface. Throws an <see cref="ArgumentException"/> for what cannot be called.</summary>
        public MethodTable TableOf(Type type) => _tables.GetOrAdd(type, MakeTable);

        private MethodTable MakeTable(Type type) => new MethodTable(
            BoundMethod.AllOf(InterfacePlan.Of(type), Serializer).Select(bound => new ServedMethod(bound)), this);
    }
}
