using System;
using System.Collections.Generic;
using System.Linq;

namespace Callgate
{
    /// <summary>The element types of collections, and the types that are created for them.</summary>
    internal static class CollectionTypes
    {
        // In the order that they are tried in.
        private static readonly Type[] Usual = { typeof(List<>), typeof(HashSet<>), typeof(Dictionary<,>) };

        /// <summary>The type of a collection's elements; null if the type is not a collection, or has several.</summary>
        public static Type? ElementOf(Type type) => ArgumentsOf(type, typeof(IEnumerable<>))?[0];

        /// <summary>The types of a dictionary's keys and values, or null.</summary>
        public static Type[]? PairOf(Type type) => ArgumentsOf(type, typeof(IDictionary<,>));

        /// <summary>
        /// The type that is created for a collection: itself, or a standard one for an interface; null if it cannot be filled.
        /// </summary>
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

        /// <summary>The type of the elements with which a collection without a setter is filled; null if that is impossible.</summary>
        public static Type? FilledWith(Type type) =>
            type.IsInterface || (!type.IsValueType && IsFillable(type)) ? ArgumentsOf(type, typeof(ICollection<>))?[0] : null;

        /// <summary>Replaces the elements of an object's collection.</summary>
        public static void Fill<T>(object? collection, object? elements, string display)
        {
            if (!(collection is ICollection<T> filled) || filled.IsReadOnly)
                throw new ContractMismatchException(
                    $"{display} is {(collection == null ? "null" : "read-only")} in a new object: give it a setter, or mark it with [IgnoreDataMember]");
            filled.Clear();
            foreach (T element in (IEnumerable<T>?)elements ?? new T[0])
                filled.Add(element);
        }

        /// <summary>Whether a constructor takes a list. The one of a stack does, but would reverse the order.</summary>
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
