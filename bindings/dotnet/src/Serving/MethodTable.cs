using System;
using System.Collections.Generic;
using System.Linq;

namespace Callgate
{
    /// <summary>The methods of an interface by the bytes of their names, so that no call makes a string.</summary>
    internal sealed unsafe class MethodTable
    {
        private readonly Dictionary<uint, List<ServedMethod[]>> _groups = new Dictionary<uint, List<ServedMethod[]>>();

        public MethodTable(IEnumerable<ServedMethod> methods)
        {
            foreach (var group in methods.GroupBy(method => method.Plan.Method.Name))
            {
                ServedMethod[] alike = group.ToArray();
                byte[] name = alike[0].Bound.Name;
                fixed (byte* bytes = name)
                {
                    uint hash = Hash(bytes, name.Length - 1);
                    if (!_groups.TryGetValue(hash, out List<ServedMethod[]>? bucket))
                        _groups[hash] = bucket = new List<ServedMethod[]>();
                    bucket.Add(alike);
                }
            }
        }

        /// <summary>The methods of that name, or null.</summary>
        public ServedMethod[]? Find(byte* name, int length)
        {
            if (!_groups.TryGetValue(Hash(name, length), out List<ServedMethod[]>? bucket))
                return null;
            foreach (ServedMethod[] alike in bucket)
                if (IsName(alike[0].Bound.Name, name, length))
                    return alike;
            return null;
        }

        private static bool IsName(byte[] known, byte* name, int length)
        {
            if (known.Length - 1 != length)
                return false;
            for (int i = 0; i < length; i++)
                if (known[i] != name[i])
                    return false;
            return true;
        }

        private static uint Hash(byte* bytes, int length)
        {
            uint hash = 2166136261; // FNV-1a
            for (int i = 0; i < length; i++)
                hash = (hash ^ bytes[i]) * 16777619;
            return hash;
        }
    }
}
