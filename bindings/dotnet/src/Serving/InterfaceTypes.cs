using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;

namespace Callgate
{
    /// <summary>
    /// Which interface a name on the wire is: one that the program registered, or one of a loaded assembly. At the
    /// first name that is neither, all assemblies that the program references are loaded, once and whatever the
    /// name is: no name chooses what is loaded.
    /// </summary>
    internal sealed class InterfaceTypes
    {
        private readonly ConcurrentDictionary<string, Type> _registered = new ConcurrentDictionary<string, Type>();
        private readonly Lazy<bool> _references;

        /// <summary>Takes the assemblies of the delegate factories. What these reference is loaded when needed.</summary>
        public InterfaceTypes(IEnumerable<Assembly> roots)
        {
            Assembly[] all = roots.ToArray();
            _references = new Lazy<bool>(() =>
            {
                ReferencedAssemblies.Load(all);
                return true;
            });
        }

        /// <summary>Registers an interface. Throws an <see cref="ArgumentException"/> if another one has its name.</summary>
        public void Add(Type type)
        {
            string name = InterfacePlan.Of(type).Name;
            InterfacePlan.RefuseNamesakes(_registered.GetOrAdd(name, type), type);
        }

        /// <summary>
        /// The interfaces of that name, among which a factory chooses its own: several assemblies may have one, for
        /// example where plug-ins load an assembly each for itself.
        /// </summary>
        public IReadOnlyCollection<Type> Find(string name)
        {
            if (_registered.TryGetValue(name, out Type? type))
                return new[] { type };
            if (!IsPlain(name))
                return new Type[0];
            Type[] loaded = FindLoaded(name);
            return loaded.Length == 0 && _references.Value ? FindLoaded(name) : loaded;
        }

        /// <summary>
        /// Whether it is a mere name. Brackets, commas and the like would make .NET look for assemblies that
        /// the name chooses.
        /// </summary>
        private static bool IsPlain(string name) =>
            name.All(letter => char.IsLetterOrDigit(letter) || letter == '_' || letter == '.' || letter == '+');

        private static Type[] FindLoaded(string name) =>
            AppDomain.CurrentDomain.GetAssemblies().Select(assembly => FindIn(assembly, name)).OfType<Type>().ToArray();

        private static Type? FindIn(Assembly assembly, string name)
        {
            // The framework forwards names to parts of it that are not loaded yet.
            if (assembly.IsDynamic || FrameworkAssemblies.Contains(assembly.GetName().Name))
                return null;
            Type? found = assembly.GetType(name, throwOnError: false);
            return found != null && found.IsInterface && !found.ContainsGenericParameters ? found : null;
        }
    }
}
