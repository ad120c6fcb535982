using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;

namespace Callgate
{
    /// <summary>
    /// The assemblies that a program references, directly or through others. The runtime loads each only when its
    /// code is needed, which for a contract may be never: a factory that names it must first be asked.
    /// </summary>
    internal static class ReferencedAssemblies
    {
        /// <summary>Loads them, from these on. What cannot be loaded is left out.</summary>
        public static void Load(IEnumerable<Assembly> roots)
        {
            var seen = new HashSet<string>();
            var pending = new Stack<Assembly>(roots.Where(root => !root.IsDynamic));
            while (pending.Count > 0)
                foreach (AssemblyName name in pending.Pop().GetReferencedAssemblies())
                    if (!FrameworkAssemblies.Contains(name.Name) && seen.Add(name.FullName) && TryLoad(name) is Assembly loaded)
                        pending.Push(loaded);
        }

        private static Assembly? TryLoad(AssemblyName name)
        {
            try
            {
                return Assembly.Load(name);
            }
            catch (Exception)
            {
                return null; // It may be missing on purpose, and the program's own resolvers may throw.
            }
        }
    }
}
