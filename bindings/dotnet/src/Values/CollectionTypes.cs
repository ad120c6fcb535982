using System;
using System.Collections.Generic;
using System.Linq;

namespace Callgate
{
    /// <summary>What collections hold, and which types are made for them.</summary>
    internal static class CollectionTypes
    {
        // In the order in which they are tried.
        private static readonly Type[] Usual = { typeof(List<>), typeof(HashSet<>), typeof(Dictionary<,>) };

        /// <summary>The type of a collection's elements; null for what is none, or holds several types.</summary>
        public static Type? ElementOf(Type type) => ArgumentsOf(type, typeof(IEnumerable<>))?[0];

        /// <summary>The types of a dictionary's keys and values, or null.</summary>
        public static Type[]? PairOf(Type type) => ArgumentsOf(type, typeof(IDictionary<,>));

        /// <summary>The type that is made for one: itself, or for an interface a usual one; null where none can be filled.</summary>
        public static Type? MadeFor(Type type, Type element)
        {
            if (!type.IsInterface)
                return IsFillable(type) && ArgumentsOf(type, typeof(ICollection<>)) != null ? type : null;
            Type[] pair = element.IsGenericType ? element.GetGenericArguments() : new Type[0];
            return Usual.Select(open => open == typeof(Dictionary<,>)
                    ? (IsPair(element) ? open.MakeGenericType(pair) : null)
                    : open.MakeGenericType(element))
                .FirstOrDefault(made => made != null && type.IsAssignableFrom(made));
        }

        /// <summary>The type of the elements that a collection without a setter is filled with; null where none can be filled.</summary>
        public static Type? FilledWith(Type type) =>
            type.IsInterface || (!type.IsValueType && IsFillable(type)) ? ArgumentsOf(type, typeof(ICollection<>))?[0] : null;

        /// <summary>Replaces what a collection of an object holds by other elements.</summary>
        public static void Fill<T>(object? collection, object? elements, string display)
        {
            if (!(collection is ICollection<T> filled) || filled.IsReadOnly)
                throw new ContractMismatchException(
                    $"{display} is {(collection == null ? "null" : "read-only")} in a new object; give it a setter, or mark it with [IgnoreDataMember]");
            filled.Clear();
            foreach (T element in (IEnumerable<T>?)elements ?? new T[0])
                filled.Add(element);
        }

        /// <summary>Whether it has a constructor that takes a list. Stacks have one, but it turns them around.</summary>
        public static bool WrapsLists(Type type, Type element) =>
            !type.IsAbstract && !type.Name.Contains("Stack`") && type.GetConstructors().Any(made =>
                made.GetParameters() is var parameters && parameters.Length == 1
                && parameters[0].ParameterType.IsAssignableFrom(typeof(List<>).MakeGenericType(element))
                && parameters[0].ParameterType != typeof(object));

        private static bool IsFillable(Type type) => !type.IsAbstract && type.GetConstructor(Type.EmptyTypes) != null;

        private static bool IsPair(Type element) =>
            element.IsGenericType && element.GetGenericTypeDefinition() == typeof(KeyValuePair<,>);

        private static Type[]? ArgumentsOf(Type type, Type open)
        {
            Type[] found = type.GetInterfaces().Concat(new[] { type })
                .Where(part => part.IsGenericType && part.GetGenericTypeDefinition() == open).ToArray();
            return found.Length == 1 ? found[0].GetGenericArguments() : null;
        }
    }
}
