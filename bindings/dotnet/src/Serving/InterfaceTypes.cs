using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;

namespace Callgate
{
    /// <summary>
    /// Finds the interface for a name on the wire: one that the program registered, or one in a loaded assembly. If the
    /// name is in neither, all assemblies that the program references are loaded, once, whatever the name is: a peer
    /// cannot choose what is loaded.
    /// </summary>
    internal sealed class InterfaceTypes
    {
        private readonly ConcurrentDictionary<string, Type> _registered = new ConcurrentDictionary<string, Type>();
        private readonly Lazy<bool> _references;

        /// <summary>Takes the assemblies of the delegate factories. The assemblies that they reference are loaded later.</summary>
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
        /// The interfaces with a name. There may be several, for example if plug-ins load separate copies of an assembly;
        /// the factories are asked for each.
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
        /// Whether it is a plain name. With brackets, commas and similar characters, a name could make .NET look for an
        /// assembly.
        /// </summary>
        private static bool IsPlain(string name) =>
            name.All(letter => char.IsLetterOrDigit(letter) || letter == '_' || letter == '.' || letter == '+');

        private static Type[] FindLoaded(string name) =>
            AppDomain.CurrentDomain.GetAssemblies().Select(assembly => FindIn(assembly, name)).OfType<Type>().ToArray();

        private static Type? FindIn(Assembly assembly, string name)
        {
            // The framework may forward the name to an assembly that is not loaded yet.
            if (assembly.IsDynamic || FrameworkAssemblies.Contains(assembly.GetName().Name))
                return null;
            Type? found = assembly.GetType(name, throwOnError: false);
            return found != null && found.IsInterface && !found.ContainsGenericParameters ? found : null;
        }
    }
}
