using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using Callgate.Abi;

namespace Callgate
{
    /// <summary>
    /// The interface of <see cref="ServiceHost"/>, for programs whose tests replace it. Disposing it closes the host.
    /// </summary>
    public interface IServiceHost : IDisposable
    {
    }

    /// <summary>Listens on endpoints and serves interfaces, until it is disposed. Any number of threads may use it.</summary>
    public sealed unsafe class ServiceHost : IServiceHost
#if NETSTANDARD2_1
        , IAsyncDisposable
#endif
    {
        private readonly HostHandle _handle;

        internal ServiceHost(ServiceHostBuilder builder)
        {
            NativeLimits limits = builder.Limits.ToNative();
            var options = new NativeHostOptions { Owner = builder.Options(&limits) };
            options.Owner.StructSize = (UIntPtr)sizeof(NativeHostOptions);
            options.NoHostInterface = builder.Described ? (byte)0 : (byte)1;
            IntPtr error = IntPtr.Zero;
            int status;
            fixed (byte* file = ConnectionTrace.Name(builder.Trace))
            {
                NativeTrace trace = ConnectionTrace.ToNative(builder.Trace, file);
                options.Trace = file == null ? null : &trace;
                status = Native.callgate_host_new(&options, out _handle, ref error);
            }
            Failures.Check(status, error);
            try
            {
                SetUp(builder);
                status = Native.callgate_host_start(_handle, ref error);
                Failures.Check(status, error);
            }
            catch
            {
                _handle.Dispose();
                throw;
            }
            Endpoints = ReadEndpoints();
            ProcessExit.Add(_handle);
        }

        /// <summary>The endpoints that the host listens on, with the ports that the system chose.</summary>
        public IReadOnlyList<string> Endpoints { get; }

        /// <summary>What the host has counted since it was created.</summary>
        public Counters GetCounters()
        {
            IntPtr error = IntPtr.Zero;
            int status = Native.callgate_host_counter_values(
                _handle.Open("host"), out NativeBuffer values, ref error);
            Failures.Check(status, error);
            return CounterValues.Read(ref values);
        }

        /// <summary>
        /// The same as OpenMetrics text (application/openmetrics-text; version=1.0.0), which Prometheus and others read.
        /// </summary>
        public string GetOpenMetrics()
        {
            IntPtr error = IntPtr.Zero;
            int status = Native.callgate_host_counters(_handle.Open("host"), out NativeBuffer text, ref error);
            Failures.Check(status, error);
            return CounterValues.ReadText(ref text);
        }

        /// <summary>
        /// Stops listening, ends every connection, and waits until no callback of this host runs or will run. Running
        /// delegates may finish until the timeout, by default the <see cref="Limits.DrainTimeout"/> of the builder's
        /// limits; after it, this throws a <see cref="CallTimedOutException"/>, and closing continues in the background.
        /// In a callback of this host, closing begins and returns at once.
        /// </summary>
        public void Close(TimeSpan? timeout = null)
        {
            if (_handle.IsClosed)
                return;
            IntPtr error = IntPtr.Zero;
            int status = Native.callgate_host_close(_handle, Timeouts.ToNative(timeout), ref error);
            Failures.Check(status, error);
        }

        /// <summary>
        /// Closes like <see cref="Close"/>, without blocking this thread. Do not await it in a delegate of this host:
        /// closing waits for the delegate, so both would wait until the timeout.
        /// </summary>
        public Task CloseAsync(TimeSpan? timeout = null) => Waiting.ForClosing(() => Close(timeout));

#if NETSTANDARD2_1
        /// <summary>Disposes the object without blocking this thread.</summary>
        public ValueTask DisposeAsync() => new ValueTask(Waiting.ForClosing(Dispose));
#endif

        /// <summary>
        /// Closes the host. After the drain timeout it returns, even if a delegate is still running; no caller gets that
        /// delegate's result.
        /// </summary>
        public void Dispose()
        {
            if (_handle.IsClosed)
                return;
            IntPtr error = IntPtr.Zero;
            Native.callgate_host_close(_handle, 0, ref error);
            Native.callgate_error_free(error);
            _handle.Dispose();
        }

        private void SetUp(ServiceHostBuilder builder)
        {
            var state = new HostState(builder);
            IntPtr error = IntPtr.Zero;
            foreach (IEndpoint endpoint in builder.Endpoints)
                fixed (byte* address = Text.Name(endpoint.Address))
                    Failures.Check(Native.callgate_host_add_endpoint(_handle, address, ref error), error);
            foreach (KeyValuePair<string, Type> alias in builder.Aliases)
                fixed (byte* prefix = Text.Name(TypeAliases.PrefixOf(alias.Key)), name = Text.Name(InterfacePlan.NameOf(alias.Value)))
                    Failures.Check(Native.callgate_host_add_interface_alias(_handle, prefix, name, ref error), error);
            foreach (string ordered in builder.Ordered)
                fixed (byte* name = Text.Name(ordered))
                    Failures.Check(Native.callgate_host_add_ordered_interface(_handle, name, ref error), error);
            Failures.Check(Native.callgate_host_add_client_connected_handler(
                _handle, HostCallbacks.Connected, UserData.Keep(state), UserData.Free, ref error), error);
            Failures.Check(Native.callgate_host_add_client_disconnected_handler(
                _handle, HostCallbacks.Disconnected, UserData.Keep(state), UserData.Free, ref error), error);
            AddFactories(builder, state);
            foreach (Type type in builder.Interfaces.Concat(builder.Aliases.Select(alias => alias.Value)))
                Describe(InterfacePlan.Of(type), null, builder.Serializer);
            foreach (DuplexFactory duplex in builder.Duplex)
                Describe(duplex.Service, duplex.Callback, builder.Serializer);
        }

        private void Describe(InterfacePlan plan, InterfacePlan? callback, Serializer serializer)
        {
            byte[] document = Document.Of(plan, callback, serializer);
            IntPtr error = IntPtr.Zero;
            fixed (byte* text = document)
                Failures.Check(Native.callgate_host_add_description(
                    _handle, text, (UIntPtr)document.Length, ref error), error);
        }

        private void AddFactories(ServiceHostBuilder builder, HostState state)
        {
            IntPtr error = IntPtr.Zero;
            foreach (DuplexFactory duplex in builder.Duplex)
                fixed (byte* service = Text.Name(duplex.Service.Name), callback = Text.Name(duplex.Callback.Name))
                    Failures.Check(Native.callgate_host_add_duplex_delegate_factory(
                        _handle, service, callback, HostCallbacks.MakeDuplex,
                        UserData.Keep(new DuplexMaker(duplex, state)), UserData.Free, ref error), error);
            foreach (Func<Type, Connection, object?> factory in builder.Factories)
                Failures.Check(Native.callgate_host_add_delegate_factory(
                    _handle, HostCallbacks.Make, UserData.Keep(new PlainMaker(factory, state)), UserData.Free, ref error), error);
        }

        private IReadOnlyList<string> ReadEndpoints()
        {
            var read = new string[(int)Native.callgate_host_endpoint_count(_handle)];
            for (int i = 0; i < read.Length; i++)
                read[i] = Text.Read(Native.callgate_host_endpoint(_handle, (UIntPtr)i, out UIntPtr length), length);
            return read;
        }
    }
}
