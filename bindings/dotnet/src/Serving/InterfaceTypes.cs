using System;
using System.Collections.Concurrent;
using System.Linq;
using System.Reflection;

namespace Callgate
{
    /// <summary>
    /// Which interface a name on the wire is: one that the program registered, or one of an assembly that
    /// is loaded already. Nothing is ever loaded for a name.
    /// </summary>
    internal sealed class InterfaceTypes
    {
        private readonly ConcurrentDictionary<string, Type> _registered = new ConcurrentDictionary<string, Type>();

        public void Add(Type type) => _registered[InterfacePlan.Of(type).Name] = type;

        /// <summary>The interface of that name, or null.</summary>
        public Type? Find(string name) =>
            _registered.TryGetValue(name, out Type? type) ? type
            : IsPlain(name) ? AppDomain.CurrentDomain.GetAssemblies().Select(assembly => FindIn(assembly, name))
                .FirstOrDefault(found => found != null)
            : null;

        /// <summary>
        /// Whether it is a mere name. Brackets, commas and the like would make .NET look for assemblies that
        /// the name chooses.
        /// </summary>
        private static bool IsPlain(string name) =>
            name.All(letter => char.IsLetterOrDigit(letter) || letter == '_' || letter == '.' || letter == '+');

        private static Type? FindIn(Assembly assembly, string name)
        {
            // The framework has no contracts, but forwards names to parts of it that are not loaded yet.
            if (assembly.IsDynamic || IsFramework(assembly))
                return null;
            Type? found = assembly.GetType(name, throwOnError: false);
            return found != null && found.IsInterface && !found.ContainsGenericParameters ? found : null;
        }

        private static bool IsFramework(Assembly assembly)
        {
            string name = assembly.GetName().Name ?? "";
            return name == "mscorlib" || name == "netstandard" || name == "System" || name == "WindowsBase"
                || name.StartsWith("System.", StringComparison.Ordinal)
                || name.StartsWith("Microsoft.", StringComparison.Ordinal)
                || name.StartsWith("Mono.", StringComparison.Ordinal);
        }
    }
}
