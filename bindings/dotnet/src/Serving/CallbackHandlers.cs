using System;
using System.Collections.Generic;
using System.Linq;

namespace Callgate
{
    /// <summary>The handler of an interface, created for each client.</summary>
    internal sealed class CallbackHandler
    {
        public CallbackHandler(Type type, Func<object?> make)
        {
            Type = type;
            Make = make;
        }

        public Type Type { get; }

        public Func<object?> Make { get; }
    }

    /// <summary>
    /// The callback handlers and aliases of a builder's clients. Any thread may read it while the program adds to it.
    /// </summary>
    internal sealed class CallbackHandlers
    {
        private readonly object _lock = new object();
        private CallbackHandler[] _handlers = new CallbackHandler[0];

        public TypeAliases Aliases { get; } = new TypeAliases();

        public CallbackHandler[] All
        {
            get
            {
                lock (_lock)
                    return _handlers;
            }
        }

        public void Add(CallbackHandler handler)
        {
            lock (_lock)
            {
                foreach (CallbackHandler known in _handlers)
                    InterfacePlan.RefuseNamesakes(known.Type, handler.Type);
                _handlers = _handlers.Concat(new[] { handler }).ToArray();
            }
        }

        public void AddAlias(string alias, Type type) => Aliases.Add(alias, type);
    }

    /// <summary>Interfaces by the prefixes that are aliases of them.</summary>
    internal sealed class TypeAliases
    {
        private readonly object _lock = new object();
        private readonly Dictionary<string, Type> _types = new Dictionary<string, Type>(StringComparer.Ordinal);

        public void Add(string alias, Type type)
        {
            string prefix = PrefixOf(alias);
            Type checkedType = InterfacePlan.Of(type ?? throw new ArgumentNullException(nameof(type))).Type;
            lock (_lock)
                _types[prefix] = checkedType;
        }

        /// <summary>All prefixes with their interfaces, as they are now.</summary>
        public KeyValuePair<string, Type>[] All
        {
            get
            {
                lock (_lock)
                    return _types.ToArray();
            }
        }

        /// <summary>The interface of the longest prefix with which the name begins, or null.</summary>
        public Type? Find(string name)
        {
            lock (_lock)
                return _types.Where(alias => name.StartsWith(alias.Key, StringComparison.Ordinal))
                    .OrderByDescending(alias => alias.Key.Length).Select(alias => alias.Value).FirstOrDefault();
        }

        /// <summary>
        /// An alias without its assembly, which names on the wire do not have. The assembly begins at the first comma
        /// outside brackets.
        /// </summary>
        public static string PrefixOf(string alias)
        {
            int depth = 0;
            for (int i = 0; i < (alias ?? throw new ArgumentNullException(nameof(alias))).Length; i++)
            {
                depth += alias[i] == '[' ? 1 : alias[i] == ']' ? -1 : 0;
                if (alias[i] == ',' && depth == 0)
                    return alias.Substring(0, i);
            }
            return alias;
        }
    }
}
