using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;

namespace Callgate
{
    /// <summary>The methods of an interface, inherited ones included, as they are called remotely.</summary>
    internal sealed class InterfacePlan
    {
        private static readonly ConcurrentDictionary<Type, InterfacePlan> Plans =
            new ConcurrentDictionary<Type, InterfacePlan>();

        private InterfacePlan(Type type)
        {
            RefuseUnlessInterface(type);
            Type = type;
            Name = NameOf(type);
            Methods = AllOf(type).SelectMany(MethodsOf).Select(method => new MethodPlan(type, method)).ToArray();
            Signatures.Assign(Methods);
            foreach (var alike in Methods.GroupBy(plan => plan.Method.Name).Where(group => group.Count() > 1))
                _overloaded.Add(alike.Key);
        }

        private readonly HashSet<string> _overloaded = new HashSet<string>();

        public Type Type { get; }

        /// <summary>The interface's name on the wire.</summary>
        public string Name { get; }

        public MethodPlan[] Methods { get; }

        /// <summary>The DisposeAsync() that a proxy implements itself, or null.</summary>
        public MethodInfo? AsyncDisposal => Type.GetInterfaces().FirstOrDefault(IsAsyncDisposable)?.GetMethod("DisposeAsync");

        /// <summary>Whether callers send a signature for methods with this name.</summary>
        public bool IsOverloaded(MethodPlan method) => _overloaded.Contains(method.Method.Name);

        /// <summary>
        /// The plan of an interface. Throws an <see cref="ArgumentException"/> if it cannot be called remotely.
        /// </summary>
        public static InterfacePlan Of(Type type) =>
            Plans.TryGetValue(type, out InterfacePlan? plan) ? plan : Plans.GetOrAdd(type, new InterfacePlan(type));

        /// <summary>The plan of an interface, or null if it cannot be called remotely.</summary>
        public static InterfacePlan? TryOf(Type type)
        {
            try
            {
                return Of(type);
            }
            catch (ArgumentException)
            {
                return null;
            }
        }

        /// <summary>The name of an interface on the wire.</summary>
        public static string NameOf(Type type) =>
            type.GetCustomAttribute<InterfaceNameAttribute>()?.Name ?? type.FullName ?? type.Name;

        /// <summary>Throws an <see cref="ArgumentException"/> for two interfaces of one name, of which only one can be served.</summary>
        public static void RefuseNamesakes(Type known, Type type)
        {
            if (known != type && NameOf(known) == NameOf(type))
                throw new ArgumentException(
                    $"{known} and {type} have the same name, {NameOf(type)}, so only one of them could be served: give " +
                    "one of them another [InterfaceName].");
        }

        private static void RefuseUnlessInterface(Type type)
        {
            if (!type.IsInterface)
                throw new ArgumentException($"{type} is not an interface.");
            if (type.ContainsGenericParameters)
                throw new ArgumentException($"{type} is an open generic interface: specify its type arguments.");
            EventInfo? refused = AllOf(type).SelectMany(part => part.GetEvents()).FirstOrDefault();
            if (refused != null)
                throw new ArgumentException(
                    $"{type}.{refused.Name}: events cannot be called remotely; use a callback interface.");
        }

        /// <summary>The interface and those that it inherits, except IDisposable: disposing a proxy makes no call.</summary>
        private static IEnumerable<Type> AllOf(Type type) =>
            new[] { type }.Concat(type.GetInterfaces())
                .Where(part => part != typeof(IDisposable) && !IsAsyncDisposable(part));

        // By name, since on the .NET Framework it comes from a package.
        private static bool IsAsyncDisposable(Type type) => type.FullName == "System.IAsyncDisposable";

        private static IEnumerable<MethodInfo> MethodsOf(Type type) =>
            type.GetMethods(BindingFlags.Public | BindingFlags.Instance);
    }
}
