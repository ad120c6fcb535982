using System;
using System.Threading;
using System.Threading.Tasks;
using Callgate.Abi;
using Callgate.Runtime;

namespace Callgate
{
    /// <summary>Makes the calls of a proxy. Any number of threads may use one.</summary>
    internal sealed unsafe class RemoteObject : IDisposable
    {
        private readonly ProxyHandle _handle;
        private readonly ProxyContext _context;
        private readonly FixedOptions? _options;

        public RemoteObject(
            string name, ProxyHandle handle, BoundMethod[] methods, ProxyContext context, FixedOptions? options = null)
        {
            Name = name;
            _handle = handle;
            Methods = methods;
            _context = context;
            _options = options;
        }

        public string Name { get; }

        public BoundMethod[] Methods { get; }

        private ProxyHandle Handle => _handle.IsClosed ? throw OpenHandles.Disposed($"proxy of {Name}") : _handle;

        public void Dispose() => _handle.Dispose();

        /// <summary>A copy whose calls have these options.</summary>
        public RemoteObject With(CallOptions options) =>
            new RemoteObject(Name, _handle, Methods, _context, new FixedOptions(options));

        public void Call(OutgoingCall call)
        {
            Exchange(call, null, null);
            call.End();
        }

        public T Call<T>(OutgoingCall call)
        {
            var reply = default(NativeBuffer);
            fixed (byte* space = call.Space)
            {
                try
                {
                    Exchange(call, space, &reply);
                    return call.Method.ReadResult<T>(&reply, call.Reader, isChecked: true);
                }
                finally
                {
                    if (reply.Data != (IntPtr)space)
                        Native.callgate_buffer_free(&reply);
                    call.End();
                }
            }
        }

        public void Post(OutgoingCall call)
        {
            using (CallCancellation? cancellation = CancellationOf(call))
            using (ParentCall.Use parent = ParentCall.Use.Begin())
            {
                IntPtr error = IntPtr.Zero;
                int status;
                fixed (byte* name = call.Method.Name, data = call.Writer.Buffer, signature = call.Method.Signature)
                {
                    NativeCallOptions options = Options(signature, cancellation, parent);
                    status = Native.callgate_proxy_one_way(
                        Handle, name, data, (UIntPtr)call.Writer.Length, &options, ref error);
                }
                Check(status, error, call.Token);
            }
            call.End();
        }

        public Task Start(OutgoingCall call) => Start<bool>(call, hasResult: false);

        public Task<T> Start<T>(OutgoingCall call) => Start<T>(call, hasResult: true);

        /// <summary>Compares the description with the host's; see <see cref="Descriptions.Verify"/>.</summary>
        public void Verify()
        {
            using (CallCancellation? cancellation = CallCancellation.By(default, _options?.Cancel ?? default))
            using (ParentCall.Use parent = ParentCall.Use.Begin())
            {
                IntPtr error = IntPtr.Zero;
                NativeCallOptions options = Options(null, cancellation, parent);
                int status = Native.callgate_proxy_verify(Handle, &options, ref error);
                Check(status, error, default);
            }
        }

        /// <summary>The exception that a failed call of this proxy throws.</summary>
        public Exception Failure(Exception failure)
        {
            if (failure is ChannelClosedException closed)
                failure = _context.Closed(closed);
            return failure is ChannelFaultedException && _context.Faulted != null
                ? _context.Faulted(failure.Message, failure)
                : failure;
        }

        public Exception Read(int status, IntPtr error, CancellationToken token) =>
            Failure(Failures.Read(status, error, _context.Known, CancelledBy(token)));

        private void Exchange(OutgoingCall call, byte* space, NativeBuffer* reply)
        {
            using (CallCancellation? cancellation = CancellationOf(call))
            using (ParentCall.Use parent = ParentCall.Use.Begin())
            {
                IntPtr error = IntPtr.Zero;
                int status;
                fixed (byte* name = call.Method.Name, data = call.Writer.Buffer, signature = call.Method.Signature)
                {
                    NativeCallOptions options = Options(signature, cancellation, parent);
                    status = reply == null
                        ? Native.callgate_proxy_call(
                            Handle, name, data, (UIntPtr)call.Writer.Length, &options, null, ref error)
                        : Native.callgate_proxy_call_into(
                            Handle, name, data, (UIntPtr)call.Writer.Length, &options,
                            space, (UIntPtr)call.Space.Length, reply, ref error);
                }
                Check(status, error, call.Token);
            }
        }

        private Task<T> Start<T>(OutgoingCall call, bool hasResult)
        {
            var pending = new StartedCall<T>(this, call.Method, hasResult, call.Token);
            bool canBeCancelled = call.Token.CanBeCanceled || _options?.Cancel.CanBeCanceled == true;
            Start(pending, call);
            return pending.TaskOf(canBeCancelled);
        }

        private void Start<T>(StartedCall<T> pending, OutgoingCall call)
        {
            pending.Cancellation = CancellationOf(call);
            IntPtr error = IntPtr.Zero;
            int status;
            using (ParentCall.Use parent = ParentCall.Use.Begin())
            fixed (byte* name = call.Method.Name, data = call.Writer.Buffer, signature = call.Method.Signature)
            {
                NativeCallOptions options = Options(signature, pending.Cancellation, parent);
                status = Native.callgate_proxy_start(
                    Handle, name, data, (UIntPtr)call.Writer.Length, &options,
                    StartedCall.Completion, UserData.Keep(pending), UserData.Free, ref error);
            }
            GC.KeepAlive(_options);
            if (status != 0)
                pending.Fail(Failure(Failures.Take(status, error, _context.Known, CancelledBy(call.Token))));
            call.End();
        }

        private CallCancellation? CancellationOf(OutgoingCall call) => CallCancellation.By(call.Token, _options?.Cancel ?? default);

        private CancellationToken CancelledBy(CancellationToken token) =>
            token.IsCancellationRequested || _options == null ? token : _options.Cancel;

        private NativeCallOptions Options(byte* signature, CallCancellation? cancellation, ParentCall.Use parent)
        {
            var options = new NativeCallOptions
            {
                StructSize = (UIntPtr)sizeof(NativeCallOptions),
                Signature = signature,
                Cancel = cancellation?.Pointer ?? IntPtr.Zero,
                Parent = parent.Pointer,
            };
            _options?.PutInto(ref options);
            return options;
        }

        private void Check(int status, IntPtr error, CancellationToken token)
        {
            GC.KeepAlive(_options);
            if (status == 0)
                return;
            ProcessExit.PassFailure();
            throw Failure(Failures.Take(status, error, _context.Known, CancelledBy(token)));
        }
    }
}
