using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using Callgate.Abi;

namespace Callgate
{
    /// <summary>
    /// Creates the delegates that a client serves to its host, from the builder's handlers and the client's factories.
    /// </summary>
    internal sealed unsafe class ClientDelegates
    {
        private static readonly Trampoline<FactoryCallback> Making = new Trampoline<FactoryCallback>(OnMake);

        private readonly object _lock = new object();
        private readonly CallbackHandlers _handlers;
        private readonly ServingContext _serving;
        private volatile InterfaceTypes _types = new InterfaceTypes(new Assembly[0]);
        private readonly TypeAliases _aliases = new TypeAliases();
        private readonly ConcurrentDictionary<CallbackHandler, object> _made =
            new ConcurrentDictionary<CallbackHandler, object>();
        private Func<Type, object?>[] _factories = new Func<Type, object?>[0];

        /// <summary>Creates the present handlers, so that the program gets the exception of a failing factory.</summary>
        public ClientDelegates(CallbackHandlers handlers, ServingContext serving)
        {
            _handlers = handlers;
            _serving = serving;
            Resolved = handlers.Aliases.All;
            foreach (CallbackHandler handler in handlers.All)
            {
                serving.TableOf(handler.Type);
                HandlerOf(handler);
            }
        }

        /// <summary>
        /// The builder's aliases when the client was created. The native client resolves them, so that it can compare
        /// descriptions by them; those added later are resolved here.
        /// </summary>
        public KeyValuePair<string, Type>[] Resolved { get; }

        /// <summary>The callback for C; its user_data is an instance of this class.</summary>
        public static IntPtr Make => Making.Pointer;

        public void Add(Func<Type, object?> factory)
        {
            lock (_lock)
            {
                _factories = _factories.Concat(new[] { factory }).ToArray();
                _types = new InterfaceTypes(_factories.Select(known => known.Method.Module.Assembly).Distinct());
            }
        }

        public void AddAlias(string alias, Type type) => _aliases.Add(alias, type);

        private static int OnMake(IntPtr userData, byte* name, IntPtr connection, NativeDelegate* made, IntPtr* error)
        {
            ProcessExit.Pass();
            var delegates = UserData.Get<ClientDelegates>(userData);
            try
            {
                delegates.DelegateOf(Text.ReadName(name))?.PutInto(made);
                return 0;
            }
            catch (Exception failure)
            {
                *error = Failures.Give(failure, Execution.NotRun, delegates._serving);
                return (int)Status.RemoteError;
            }
        }

        private ServedDelegate? DelegateOf(string name)
        {
            CallbackHandler[] handlers = _handlers.All;
            Type? named = _aliases.Find(name)
                ?? Resolved.Select(alias => alias.Value).FirstOrDefault(type => InterfacePlan.NameOf(type) == name)
                ?? _handlers.Aliases.Find(name)
                ?? handlers.FirstOrDefault(handler => InterfacePlan.NameOf(handler.Type) == name)?.Type;
            foreach (Type type in named != null ? new[] { named } : _types.Find(name))
                if (TargetOf(type, handlers) is object target)
                    return new ServedDelegate(target, type, _serving);
            return null;
        }

        private object? TargetOf(Type type, CallbackHandler[] handlers)
        {
            CallbackHandler? known = handlers.FirstOrDefault(handler => handler.Type == type);
            return known != null ? HandlerOf(known) : FromFactories(type);
        }

        private object HandlerOf(CallbackHandler handler) => _made.GetOrAdd(
            handler,
            asked => asked.Make() ?? throw new InvalidOperationException(
                $"The factory of the callback handler for {asked.Type} returned null: it must return a handler."));

        private object? FromFactories(Type type)
        {
            Func<Type, object?>[] factories;
            lock (_lock)
                factories = _factories;
            return factories.Select(factory => factory(type)).FirstOrDefault(made => made != null);
        }
    }
}
