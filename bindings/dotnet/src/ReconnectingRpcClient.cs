using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using Callgate.Abi;

namespace Callgate
{
    /// <summary>
    /// A client: connects to one endpoint at a time and silently reconnects until it is disposed. Any number of threads may use it.
    /// </summary>
    public sealed unsafe class ReconnectingRpcClient : IRpcClient
#if NETSTANDARD2_1
        , IAsyncDisposable
#endif
    {
        private readonly ClientHandle _handle;
        private readonly ClientState _state;
        private readonly ClientDelegates _delegates;
        private readonly Serializer _serializer;
        private readonly ExceptionTypes _known;
        private readonly bool _isDescribed;

        internal ReconnectingRpcClient(ClientBuilder builder, string address)
        {
            _serializer = builder.Serializer;
            _isDescribed = builder.Described;
            _known = new ExceptionTypes(builder.Known);
            var handlers = new HandlerFailures(builder.Log);
            _delegates = new ClientDelegates(builder.Delegates, new ServingContext(builder, _known, handlers));
            NativeLimits limits = builder.NativeLimits();
            var options = new NativeClientOptions { Owner = builder.Options(&limits) };
            options.Owner.StructSize = (UIntPtr)sizeof(NativeClientOptions);
            options.Verify = (int)builder.Verify;
            options.ShuffleEndpoints = (byte)(builder.ShuffleEndpoints ? 1 : 0);
            IntPtr error = IntPtr.Zero;
            int status;
            fixed (byte* endpoint = Text.Name(address), file = ConnectionTrace.Name(builder.Trace),
                user = builder.HostUser == null ? null : Text.Name(builder.HostUser))
            {
                options.HostUser = user;
                NativeTrace trace = ConnectionTrace.ToNative(builder.Trace, file);
                options.Trace = file == null ? null : &trace;
                status = Native.callgate_client_new(endpoint, &options, out _handle, ref error);
            }
            Failures.Check(status, error);
            var events = new ClientEvents(new ProxyContext(_serializer, _known, null), handlers);
            _state = new ClientState(_handle, builder.Limits.ConnectionTimeout, events);
            try
            {
                SetUp();
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

        /// <summary>
        /// How long later calls wait for a connection, in milliseconds; -1: no limit. The default is the
        /// <see cref="Limits.ConnectionTimeout"/> of the builder's limits. A call's own timeout still applies.
        /// </summary>
        public int ConnectionTimeoutMs
        {
            get => _state.ConnectionTimeoutMs;
            set => _state.ConnectionTimeoutMs = value;
        }

        /// <summary>
        /// Raised when the client first connects and after each reconnect, on a Callgate thread, one connection at a
        /// time. A handler that is added while the client is connected runs at once.
        /// </summary>
        public event ClientConnectedEventHandler Connected
        {
            add => _state.Events.Add(value);
            remove => _state.Events.Remove(value);
        }

        /// <summary>Raised once for each connection that has ended, after the handlers for its beginning.</summary>
        public event ClientDisconnectedEventHandler Disconnected
        {
            add => _state.Events.Add(value);
            remove => _state.Events.Remove(value);
        }

        /// <summary>The number of connections that the client has had.</summary>
        public long ConnectionRefreshCount => _state.Connections;

        /// <inheritdoc/>
        public T CreateProxy<T>(Action<T>? initialisation = null) => Make(null, initialisation);

        /// <inheritdoc/>
        public T CreateProxy<T, TConnectionFailureExceptionType>(Action<T>? initialisation = null)
            where TConnectionFailureExceptionType : Exception =>
            Make(ExceptionTypes.Maker(typeof(TConnectionFailureExceptionType)), initialisation);

        /// <summary>Creates a proxy of an interface that is given by name.</summary>
        public UntypedProxy CreateProxy(string interfaceName)
        {
            IntPtr error = IntPtr.Zero;
            int status;
            ProxyHandle made;
            fixed (byte* name = Text.Name(interfaceName))
                status = Native.callgate_proxy_new(_handle.Open("client"), name, out made, ref error);
            Failures.Check(status, error);
            var context = new ProxyContext(_serializer, _known, null, _state);
            return new UntypedProxy(interfaceName, made, context);
        }

        /// <summary>
        /// Adds a factory of delegates that this client serves to its host. It is asked, after the handlers and factories
        /// added before it, at most once per connection and interface. It returns null to leave the interface to the
        /// next factory. If none has a delegate, they are not asked again for that interface on that connection.
        /// </summary>
        public void AddDelegateFactory(Func<Type, object?> delegateFactory) =>
            _delegates.Add(delegateFactory ?? throw new ArgumentNullException(nameof(delegateFactory)));

        /// <summary>
        /// Makes every name of a callback interface that begins with this prefix an alias of the interface. The longest
        /// matching prefix wins. Of an assembly-qualified name, only the part before the comma is used. Descriptions are
        /// compared by the aliases that the builder had when it created the client, and not by these.
        /// </summary>
        public void AddTypeAlias(string assemblyQualifiedName, Type type) => _delegates.AddAlias(assemblyQualifiedName, type);

        /// <summary>
        /// Waits until the client is connected. The default timeout is <see cref="ConnectionTimeoutMs"/>. Throws if the
        /// client is not connected in time; a failure that waiting cannot fix is thrown at once.
        /// </summary>
        public void WaitConnected(TimeSpan? timeout = null)
        {
            IntPtr error = IntPtr.Zero;
            int status = Native.callgate_client_wait_connected(_handle.Open("client"), Timeouts.ToNative(timeout), ref error);
            Failures.Check(status, error);
        }

        /// <summary>
        /// Waits like <see cref="WaitConnected"/>, without blocking this thread. Cancelling the token ends the wait with
        /// an <see cref="OperationCanceledException"/>; the client continues to connect.
        /// </summary>
        public Task WaitConnectedAsync(TimeSpan? timeout = null, CancellationToken cancel = default)
        {
            long timeoutMs = Timeouts.ToNative(timeout ?? TimeSpan.FromMilliseconds(ConnectionTimeoutMs));
            return Waiting.For(() => Waiting.Connected(_handle, timeoutMs, cancel));
        }

        /// <summary>What the client has counted since it was created.</summary>
        public Counters GetCounters()
        {
            IntPtr error = IntPtr.Zero;
            int status = Native.callgate_client_counter_values(
                _handle.Open("client"), out NativeBuffer values, ref error);
            Failures.Check(status, error);
            return CounterValues.Read(ref values);
        }

        /// <summary>
        /// The same as OpenMetrics text (application/openmetrics-text; version=1.0.0), which Prometheus and others read.
        /// </summary>
        public string GetOpenMetrics()
        {
            IntPtr error = IntPtr.Zero;
            int status = Native.callgate_client_counters(_handle.Open("client"), out NativeBuffer text, ref error);
            Failures.Check(status, error);
            return CounterValues.ReadText(ref text);
        }

        /// <summary>
        /// Waits until the one-way calls made so far have been handed to the operating system. The default timeout is
        /// the <see cref="Limits.DrainTimeout"/> of the builder's limits. Throws a <see cref="ChannelFaultedException"/>
        /// if the connection is lost meanwhile. One-way calls dropped with an earlier connection are not included.
        /// </summary>
        public void Flush(TimeSpan? timeout = null)
        {
            IntPtr error = IntPtr.Zero;
            int status = Native.callgate_client_flush(_handle.Open("client"), Timeouts.ToNative(timeout), ref error);
            Failures.Check(status, error);
        }

        /// <summary>Waits like <see cref="Flush"/>, without blocking this thread.</summary>
        public Task FlushAsync(TimeSpan? timeout = null) => Waiting.For(() => Flush(timeout));

        /// <summary>
        /// Sends what is queued, ends the connection for good, and waits until no callback of this client runs or will
        /// run. The default timeout is the <see cref="Limits.DrainTimeout"/> of the builder's limits; after it, this
        /// throws a <see cref="CallTimedOutException"/>, and closing continues in the background. In a callback of this
        /// client, closing begins and returns at once.
        /// </summary>
        public void Close(TimeSpan? timeout = null)
        {
            _state.IsDisposed = true;
            if (_handle.IsClosed)
                return;
            IntPtr error = IntPtr.Zero;
            int status = Native.callgate_client_close(_handle, Timeouts.ToNative(timeout), ref error);
            Failures.Check(status, error);
        }

        /// <summary>
        /// Closes like <see cref="Close"/>, without blocking this thread. Do not await it in a callback of this client:
        /// closing waits for the callback, so both would wait until the timeout.
        /// </summary>
        public Task CloseAsync(TimeSpan? timeout = null) => Waiting.ForClosing(() => Close(timeout));

        /// <summary>
        /// Sends what is queued and ends the connection. Waiting calls throw a <see cref="ChannelFaultedException"/> if
        /// they may have run, and otherwise an <see cref="ObjectDisposedException"/>, like all later calls.
        /// </summary>
        public void Dispose()
        {
            _state.IsDisposed = true;
            if (_handle.IsClosed)
                return;
            IntPtr error = IntPtr.Zero;
            Native.callgate_client_close(_handle, 0, ref error);
            Native.callgate_error_free(error);
            _handle.Dispose();
        }

#if NETSTANDARD2_1
        /// <summary>Disposes the object without blocking this thread.</summary>
        public ValueTask DisposeAsync() => new ValueTask(Waiting.ForClosing(Dispose));
#endif

        private T Make<T>(Func<string, Exception?, Exception>? faulted, Action<T>? routine)
        {
            ClientHandle client = _handle.Open("client");
            InterfacePlan plan = InterfacePlan.Of(typeof(T));
            ProxyTypes.Prepare(plan, _serializer);
            var context = new ProxyContext(_serializer, _known, faulted, _state);
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
            if (_isDescribed)
                Describe(made, plan);
            return (T)ProxyTypes.Make(plan, made, context);
        }

        private void Describe(ProxyHandle proxy, InterfacePlan plan)
        {
            byte[] document = Document.Of(plan, null, _serializer);
            IntPtr error = IntPtr.Zero;
            fixed (byte* text = document)
                Failures.Check(Native.callgate_proxy_describe(proxy, text, (UIntPtr)document.Length, ref error), error);
        }

        private void SetUp()
        {
            IntPtr error = IntPtr.Zero;
            foreach (KeyValuePair<string, Type> alias in _delegates.Resolved)
                fixed (byte* prefix = Text.Name(alias.Key), name = Text.Name(InterfacePlan.NameOf(alias.Value)))
                    Failures.Check(Native.callgate_client_add_interface_alias(_handle, prefix, name, ref error), error);
            Failures.Check(Native.callgate_client_add_delegate_factory(
                _handle, ClientDelegates.Make, UserData.Keep(_delegates), UserData.Free, ref error), error);
            Failures.Check(Native.callgate_client_add_connected_handler(
                _handle, ClientEvents.Connected, UserData.Keep(_state.Events), UserData.Free, ref error), error);
            Failures.Check(Native.callgate_client_add_reconnected_handler(
                _handle, ClientEvents.Connected, UserData.Keep(_state.Events), UserData.Free, ref error), error);
            Failures.Check(Native.callgate_client_add_disconnected_handler(
                _handle, ClientEvents.Disconnected, UserData.Keep(_state.Events), UserData.Free, ref error), error);
        }
    }
}
