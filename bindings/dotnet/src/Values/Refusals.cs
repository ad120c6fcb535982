using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading.Tasks;

namespace Callgate
{
    /// <summary>The types that cannot travel: why, and what to use in their place.</summary>
    internal static class Refusals
    {
        // By name: not every framework has them.
        private static readonly Dictionary<string, string> Advice = new Dictionary<string, string>
        {
            ["System.Collections.Generic.IAsyncEnumerable`1"] =
                "return a list, or give the elements to a callback interface one by one",
            ["System.IProgress`1"] = "use a callback interface",
            ["System.Text.StringBuilder"] = "use string",
            ["System.DateOnly"] = "use DateTime",
            ["System.TimeOnly"] = "use TimeSpan",
            ["System.Memory`1"] = "use byte[], or an array of another type",
            ["System.ReadOnlyMemory`1"] = "use byte[], or an array of another type",
        };

        /// <summary>Refuses types that a program might expect to travel.</summary>
        public static void RefuseWithAdvice(Type type)
        {
            string name = (type.IsGenericType ? type.GetGenericTypeDefinition() : type).FullName ?? "";
            if (!Advice.TryGetValue(name, out string? advice))
                advice =
                    typeof(Stream).IsAssignableFrom(type) ? "use byte[], or give parts of it to a callback interface"
                    : typeof(Exception).IsAssignableFrom(type) ? "throw it, or send its text"
                    : typeof(Delegate).IsAssignableFrom(type) ? "it is a delegate; use a callback interface"
                    : IsByRefLike(type) ? "it lives on the stack of one thread; use an array"
                    : null;
            if (advice != null)
                throw new ArgumentException($"{type} cannot travel: {advice}.");
        }

        /// <summary>Refuses types that hold no plain data, or whose kind the wire would have to name.</summary>
        public static void RefuseUnlessPlain(Type type)
        {
            string? reason =
                typeof(System.Collections.IEnumerable).IsAssignableFrom(type)
                    ? "it is a collection that does not tell the type of its elements"
                : type.IsInterface || type.IsAbstract ? "it is abstract, and no message names a type to be made"
                : type.IsPointer || type.IsByRef || type == typeof(IntPtr) || type == typeof(UIntPtr)
                    ? "it is a place in memory"
                : typeof(Task).IsAssignableFrom(type) ? "a task is a method's result only"
                : type.Namespace == "System.Threading" || type.Namespace == "System.IO" ? "it belongs to its process"
                : null;
            if (reason != null)
                throw new ArgumentException($"{type} cannot travel: {reason}. Add a codec of your own if it has a value.");
        }

        /// <summary>Refuses a collection with members of its own: it travels as its elements alone.</summary>
        public static void RefuseOwnMembers(Type collection)
        {
            DataMember? lost = collection.IsInterface ? null : DataMembers.Of(collection).FirstOrDefault(member =>
                member.HoldsValue && !FrameworkAssemblies.Contains(member.DeclaringType.Assembly.GetName().Name));
            if (lost != null)
                throw new ArgumentException(
                    $"{lost.Display} cannot travel: {collection} is a collection, of which only the elements do. Hold the " +
                    "collection in an object, mark the member with [IgnoreDataMember], or add a codec of your own.");
        }

        // By name, since the .NET Framework has no such property.
        private static bool IsByRefLike(Type type) => type.IsValueType && type.GetCustomAttributes(false)
            .Any(attribute => attribute.GetType().FullName == "System.Runtime.CompilerServices.IsByRefLikeAttribute");
    }
}
