using System;
using System.Collections.Concurrent;
using System.Linq;

namespace Callgate
{
    /// <summary>What the delegates of a host or a client have in common.</summary>
    internal sealed class ServingContext
    {
        private readonly ConcurrentDictionary<Type, MethodTable> _tables = new ConcurrentDictionary<Type, MethodTable>();

        public ServingContext(Serializer serializer, ExceptionTypes known)
        {
            Serializer = serializer;
            Known = known;
        }

        public Serializer Serializer { get; }

        public ExceptionTypes Known { get; }

        /// <summary>The methods of an interface. Throws an <see cref="ArgumentException"/> for what cannot be called.</summary>
        public MethodTable TableOf(Type type) => _tables.GetOrAdd(type, MakeTable);

        private MethodTable MakeTable(Type type) => new MethodTable(
            BoundMethod.AllOf(InterfacePlan.Of(type), Serializer).Select(bound => new ServedMethod(bound)), Known);
    }
}
