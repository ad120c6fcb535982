using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading.Tasks;

namespace Callgate
{
    /// <summary>The types that cannot be sent: why, and what to use instead.</summary>
    internal static class Refusals
    {
        // By name, since not every framework has them.
        private static readonly Dictionary<string, string> Advice = new Dictionary<string, string>
        {
            ["System.Collections.Generic.IAsyncEnumerable`1"] =
                "return a list, or pass the elements to a callback interface one by one",
            ["System.IProgress`1"] = "use a callback interface",
            ["System.Text.StringBuilder"] = "use string",
            ["System.DateOnly"] = "use DateTime",
            ["System.TimeOnly"] = "use TimeSpan",
            ["System.Memory`1"] = "use byte[], or an array of another type",
            ["System.ReadOnlyMemory`1"] = "use byte[], or an array of another type",
        };

        /// <summary>Rejects types that a program might expect to be sent.</summary>
        public static void RefuseWithAdvice(Type type)
        {
            string name = (type.IsGenericType ? type.GetGenericTypeDefinition() : type).FullName ?? "";
            if (!Advice.TryGetValue(name, out string? advice))
                advice =
                    typeof(Stream).IsAssignableFrom(type) ? "use byte[], or pass chunks to a callback interface"
                    : typeof(Exception).IsAssignableFrom(type) ? "throw it, or send its text"
                    : typeof(Delegate).IsAssignableFrom(type) ? "it is a delegate; use a callback interface"
                    : IsByRefLike(type) ? "it lives on the stack of one thread; use an array"
                    : null;
            if (advice != null)
                throw new ArgumentException($"{type} cannot be sent: {advice}.");
        }

        /// <summary>Rejects types without plain data, and types that a message would have to name.</summary>
        public static void RefuseUnlessPlain(Type type)
        {
            string? reason =
                typeof(System.Collections.IEnumerable).IsAssignableFrom(type)
                    ? "it is a collection without an element type"
                : type.IsInterface || type.IsAbstract ? "it is abstract, and a message does not name the type to create"
                : type.IsPointer || type.IsByRef || type == typeof(IntPtr) || type == typeof(UIntPtr)
                    ? "it is a memory address"
                : typeof(Task).IsAssignableFrom(type) ? "a task can only be the result of a method"
                : type.Namespace == "System.Threading" || type.Namespace == "System.IO" ? "it belongs to its process"
                : null;
            if (reason != null)
                throw new ArgumentException($"{type} cannot be sent: {reason}. If it has a value, add a codec for it.");
        }

        /// <summary>Rejects a collection with members of its own: only its elements would be sent.</summary>
        public static void RefuseOwnMembers(Type collection)
        {
            DataMember? lost = collection.IsInterface ? null : DataMembers.Of(collection).FirstOrDefault(member =>
                member.HoldsValue && !FrameworkAssemblies.Contains(member.DeclaringType.Assembly.GetName().Name));
            if (lost != null)
                throw new ArgumentException(
                    $"{lost.Display} cannot be sent: {collection} is a collection, and only its elements are sent. Put the " +
                    "collection into an object, mark the member with [IgnoreDataMember], or add a codec for it.");
        }

        // By name, since the .NET Framework has no Type.IsByRefLike.
        private static bool IsByRefLike(Type type) => type.IsValueType && type.GetCustomAttributes(false)
            .Any(attribute => attribute.GetType().FullName == "System.Runtime.CompilerServices.IsByRefLikeAttribute");
    }
}
