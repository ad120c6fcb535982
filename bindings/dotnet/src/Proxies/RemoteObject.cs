using System;
using System.Threading;
using System.Threading.Tasks;
using Callgate.Abi;
using Callgate.Runtime;

namespace Callgate
{
    /// <summary>What a proxy stands for: makes the calls. Any number of threads may use one.</summary>
    internal sealed unsafe class RemoteObject : IDisposable
    {
        private readonly ProxyHandle _handle;
        private readonly ProxyContext _context;

        public RemoteObject(string name, ProxyHandle handle, BoundMethod[] methods, ProxyContext context)
        {
            Name = name;
            _handle = handle;
            Methods = methods;
            _context = context;
        }

        public string Name { get; }

        public BoundMethod[] Methods { get; }

        public void Dispose() => _handle.Dispose();

        public void Call(OutgoingCall call)
        {
            Exchange(call, null);
            call.End();
        }

        public T Call<T>(OutgoingCall call)
        {
            var reply = default(NativeBuffer);
            try
            {
                Exchange(call, &reply);
                return call.Method.ReadResult<T>(&reply, call.Reader);
            }
            finally
            {
                Native.callgate_buffer_free(&reply);
                call.End();
            }
        }

        public void Post(OutgoingCall call)
        {
            using (Withdrawal? withdrawal = Prepare(call))
            {
                IntPtr error = IntPtr.Zero;
                int status;
                fixed (byte* name = call.Method.Name, data = call.Writer.Buffer, signature = call.Method.Signature)
                {
                    NativeCallOptions options = Options(signature, withdrawal);
                    status = Native.callgate_proxy_one_way(
                        _handle, name, data, (UIntPtr)call.Writer.Length, &options, ref error);
                }
                Check(status, error, call.Token);
            }
            call.End();
        }

        public Task Start(OutgoingCall call) => Start<bool>(call, hasResult: false);

        public Task<T> Start<T>(OutgoingCall call) => Start<T>(call, hasResult: true);

        /// <summary>The exception of a failed call, as this proxy's user wants it.</summary>
        public Exception Failure(Exception failure) =>
            failure is ChannelFaultedException && _context.Faulted != null
                ? _context.Faulted(failure.Message, failure)
                : failure;

        public Exception Read(int status, IntPtr error, CancellationToken token) =>
            Failure(Failures.Read(status, error, _context.Known, token));

        private void Exchange(OutgoingCall call, NativeBuffer* reply)
        {
            using (Withdrawal? withdrawal = Prepare(call))
            {
                IntPtr error = IntPtr.Zero;
                int status;
                fixed (byte* name = call.Method.Name, data = call.Writer.Buffer, signature = call.Method.Signature)
                {
                    NativeCallOptions options = Options(signature, withdrawal);
                    status = Native.callgate_proxy_call(
                        _handle, name, data, (UIntPtr)call.Writer.Length, &options, reply, ref error);
                }
                Check(status, error, call.Token);
            }
        }

        private Task<T> Start<T>(OutgoingCall call, bool hasResult) =>
            _context.MustWait
                ? _context.StartConnected(this, () => StartNow<T>(call, hasResult))
                : StartNow<T>(call, hasResult);

        private Task<T> StartNow<T>(OutgoingCall call, bool hasResult)
        {
            var pending = new StartedCall<T>(this, call.Method, hasResult, call.Token);
            pending.Withdrawal = Withdrawal.By(call.Token);
            IntPtr error = IntPtr.Zero;
            int status;
            fixed (byte* name = call.Method.Name, data = call.Writer.Buffer, signature = call.Method.Signature)
            {
                NativeCallOptions options = Options(signature, pending.Withdrawal);
                status = Native.callgate_proxy_start(
                    _handle, name, data, (UIntPtr)call.Writer.Length, &options,
                    StartedCall.Completion, UserData.Keep(pending), UserData.Free, ref error);
            }
            if (status != 0)
                pending.Fail(Failure(Failures.Take(status, error, _context.Known, call.Token)));
            call.End();
            return pending.Task;
        }

        private Withdrawal? Prepare(OutgoingCall call)
        {
            if (_context.MustWait)
                _context.WaitConnected(this);
            return Withdrawal.By(call.Token);
        }

        private static NativeCallOptions Options(byte* signature, Withdrawal? withdrawal) => new NativeCallOptions
        {
            StructSize = (UIntPtr)sizeof(NativeCallOptions),
            Signature = signature,
            Cancel = withdrawal?.Pointer ?? IntPtr.Zero,
        };

        private void Check(int status, IntPtr error, CancellationToken token)
        {
            if (status == 0)
                return;
            ProcessExit.PassFailure();
            throw Failure(Failures.Take(status, error, _context.Known, token));
        }
    }
}
