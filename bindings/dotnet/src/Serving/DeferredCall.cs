using System;
using System.Threading;
using System.Threading.Tasks;
using Callgate.Abi;

namespace Callgate
{
    /// <summary>A call whose reply is sent when its delegate's task has ended.</summary>
    internal sealed unsafe class DeferredCall
    {
        private readonly ParentCall _parent;
        private readonly DeferredCallHandle _handle;
        private readonly ServedMethod _method;
        private readonly ServingContext _context;
        private readonly CancelWatch? _watch;

        public DeferredCall(ParentCall parent, ServedMethod method, ServingContext context, CancelWatch? watch)
        {
            _parent = parent;
            _handle = parent.Defer();
            _method = method;
            _context = context;
            _watch = watch;
        }

        public void Follow(Task task) => After(task, () => Reply(null, 0));

        public void Follow<T>(Task<T> task) => After(task, () =>
        {
            var writer = new MessageWriter();
            IncomingCall.Encode(writer, _method, task.Result);
            fixed (byte* data = writer.Buffer)
                Reply(data, writer.Length);
        });

        private void After(Task task, Action reply) => task.ContinueWith(
            ended => ReplyOrFail(ended, reply), CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);

        private void ReplyOrFail(Task ended, Action reply)
        {
            try
            {
                ended.GetAwaiter().GetResult();
                reply();
            }
            catch (Exception failure)
            {
                IntPtr made = Failures.Give(failure, Execution.Ran, _context);
                Native.callgate_call_fail_with(_handle, made, IntPtr.Zero);
                Native.callgate_error_free(made);
            }
            finally
            {
                _watch?.Dispose();
                _parent.End();
            }
        }

        private void Reply(byte* data, int length) =>
            Native.callgate_call_reply(_handle, data, (UIntPtr)length, IntPtr.Zero);
    }
}
