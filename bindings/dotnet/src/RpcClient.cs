using System;
using System.Collections.Generic;
using Callgate.Abi;

namespace Callgate
{
    internal sealed unsafe class RpcClient : IRpcClient
    {
        private readonly ClientHandle _handle;
        private readonly ClientState _state;
        private readonly Serializer _serializer;
        private readonly ExceptionTypes _known;

        public RpcClient(ClientBuilder builder, string address)
        {
            _serializer = builder.Serializer;
            _known = new ExceptionTypes(builder.Known);
            NativeLimits limits = builder.Limits.ToNative();
            var options = new NativeClientOptions { Owner = builder.Options(&limits) };
            options.Owner.StructSize = (UIntPtr)sizeof(NativeClientOptions);
            options.DemandHostUser = builder.HostUserId == null ? (byte)0 : (byte)1;
            options.HostUser = builder.HostUserId ?? 0;
            IntPtr error = IntPtr.Zero;
            int status;
            fixed (byte* endpoint = Text.Name(address))
                status = Native.callgate_client_new(endpoint, &options, out _handle, ref error);
            Failures.Check(status, error);
            _state = new ClientState(_handle, builder.Limits.ConnectionTimeout);
            try
            {
                SetUp(builder);
                status = Native.callgate_client_start(_handle, ref error);
                Failures.Check(status, error);
            }
            catch
            {
                _handle.Dispose();
                throw;
            }
            ProcessExit.Add(_handle);
        }

        public int ConnectionTimeoutMs
        {
            get => _state.ConnectionTimeoutMs;
            set => _state.ConnectionTimeoutMs = value;
        }

        public long ConnectionRefreshCount => _state.Connections;

        public T CreateProxy<T>() => Make<T>(null, null);

        public T CreateProxy<T>(Action<T> initialisationRoutine) =>
            Make(null, initialisationRoutine ?? throw new ArgumentNullException(nameof(initialisationRoutine)));

        public T CreateProxy<T, TException>() where TException : Exception =>
            Make<T>(ExceptionTypes.Maker(typeof(TException)), null);

        public T CreateProxy<T, TException>(Action<T> initialisationRoutine) where TException : Exception =>
            Make(
                ExceptionTypes.Maker(typeof(TException)),
                initialisationRoutine ?? throw new ArgumentNullException(nameof(initialisationRoutine)));

        public UntypedProxy CreateProxy(string interfaceName)
        {
            IntPtr error = IntPtr.Zero;
            int status;
            ProxyHandle made;
            fixed (byte* name = Text.Name(interfaceName))
                status = Native.callgate_proxy_new(_handle.Open("client"), name, out made, ref error);
            Failures.Check(status, error);
            var context = new ProxyContext(_serializer, _known, null);
            return new UntypedProxy(interfaceName, made, context);
        }

        public void WaitConnected(TimeSpan? timeout = null)
        {
            IntPtr error = IntPtr.Zero;
            int status = Native.callgate_client_wait_connected(_handle.Open("client"), Timeouts.ToNative(timeout), ref error);
            Failures.Check(status, error);
        }

        public void Flush(TimeSpan? timeout = null)
        {
            IntPtr error = IntPtr.Zero;
            int status = Native.callgate_client_flush(_handle.Open("client"), Timeouts.ToNative(timeout), ref error);
            Failures.Check(status, error);
        }

        /// <summary>Sends what is queued and ends the connection; calls that wait get a ChannelFaultedException.</summary>
        public void Dispose()
        {
            if (_handle.IsClosed)
                return;
            IntPtr error = IntPtr.Zero;
            Native.callgate_client_close(_handle, 0, ref error);
            Native.callgate_error_free(error);
            _handle.Dispose();
        }

        private T Make<T>(Func<string, Exception, Exception>? faulted, Action<T>? routine)
        {
            ClientHandle client = _handle.Open("client");
            InterfacePlan plan = InterfacePlan.Of(typeof(T));
            ProxyTypes.Prepare(plan, _serializer);
            var context = new ProxyContext(_serializer, _known, faulted);
            var initialisation = routine == null ? null : new Initialisation(plan, context, proxy => routine((T)proxy));
            IntPtr error = IntPtr.Zero;
            int status;
            ProxyHandle made;
            fixed (byte* name = Text.Name(plan.Name))
                status = initialisation == null
                    ? Native.callgate_proxy_new(client, name, out made, ref error)
                    : Native.callgate_proxy_new_initialised(
                        client, name, Initialisation.Routine, UserData.Keep(initialisation), UserData.Free, out made, ref error);
            Failures.Check(status, error);
            return (T)ProxyTypes.Make(plan, made, context);
        }

        private void SetUp(ClientBuilder builder)
        {
            var serving = new ServingContext(_serializer, _known, new HandlerFailures(builder.Log));
            IntPtr error = IntPtr.Zero;
            foreach (KeyValuePair<Type, Func<object?>> callback in builder.Callbacks)
            {
                object made = callback.Value()
                    ?? throw new InvalidOperationException($"The factory of a callback handler for {callback.Key} made none.");
                serving.TableOf(callback.Key); // Throws for a contract that cannot be served.
                var served = new ServedDelegate(made, callback.Key, serving);
                fixed (byte* name = Text.Name(InterfacePlan.NameOf(callback.Key)))
                    Failures.Check(Native.callgate_client_add_callback_handler(
                        _handle, name, ServedDelegate.Invoke, UserData.Keep(served), UserData.Free, ref error), error);
            }
            foreach (KeyValuePair<string, Type> alias in builder.Aliases)
                fixed (byte* prefix = Text.Name(alias.Key), name = Text.Name(InterfacePlan.NameOf(alias.Value)))
                    Failures.Check(Native.callgate_client_add_interface_alias(_handle, prefix, name, ref error), error);
            Failures.Check(Native.callgate_client_add_connected_handler(
                _handle, ClientState.Connected, UserData.Keep(_state.Counter), UserData.Free, ref error), error);
            Failures.Check(Native.callgate_client_add_reconnected_handler(
                _handle, ClientState.Connected, UserData.Keep(_state.Counter), UserData.Free, ref error), error);
        }
    }
}
