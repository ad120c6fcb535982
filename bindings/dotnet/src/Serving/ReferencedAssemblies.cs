using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;

namespace Callgate
{
    /// <summary>
    /// The assemblies that a program references, directly or indirectly. The runtime loads an assembly only when its
    /// code is needed. For a contract that may be too late: the factory that uses the contract must first be asked.
    /// </summary>
    internal static class ReferencedAssemblies
    {
        /// <summary>Loads the assemblies that these reference. Those that cannot be loaded are skipped.</summary>
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
                return null; // It may be missing on purpose, or the program's resolver may throw.
            }
        }
    }
}
