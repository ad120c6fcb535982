using System;
using System.Collections.Generic;
using System.Linq;

namespace Callgate
{
    /// <summary>The methods of an interface by the bytes of their names, so that a call creates no string.</summary>
    internal sealed unsafe class MethodTable
    {
        private readonly Dictionary<uint, List<ServedMethod[]>> _groups = new Dictionary<uint, List<ServedMethod[]>>();

        public MethodTable(IEnumerable<ServedMethod> methods, ServingContext context)
        {
            Context = context;
            foreach (var group in methods.GroupBy(method => method.Plan.Method.Name))
            {
                // A method that hides others comes before them.
                ServedMethod[] alike = group.OrderBy(method => method.Plan.NeedsSignature).ToArray();
                fixed (byte* name = alike[0].Bound.Name)
                {
                    uint hash = Hash(name);
                    if (!_groups.TryGetValue(hash, out List<ServedMethod[]>? bucket))
                        _groups[hash] = bucket = new List<ServedMethod[]>();
                    bucket.Add(alike);
                }
            }
        }

        /// <summary>The context of the methods' host or client.</summary>
        public ServingContext Context { get; }

        /// <summary>The overloads with a NUL-terminated name, or null.</summary>
        public ServedMethod[]? Find(byte* name)
        {
            if (!_groups.TryGetValue(Hash(name), out List<ServedMethod[]>? bucket))
                return null;
            foreach (ServedMethod[] alike in bucket)
                if (IsName(alike[0].Bound.Name, name))
                    return alike;
            return null;
        }

        private static bool IsName(byte[] known, byte* name)
        {
            // Both end in NUL, so the loop stops at the end of the shorter one.
            for (int i = 0; i < known.Length; i++)
                if (known[i] != name[i])
                    return false;
            return true;
        }

        private static uint Hash(byte* name)
        {
            uint hash = 2166136261; // FNV-1a
            for (; *name != 0; name++)
                hash = (hash ^ *name) * 16777619;
            return hash;
        }
    }
}
