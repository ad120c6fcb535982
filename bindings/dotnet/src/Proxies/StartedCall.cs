using System;
using System.Threading;
using System.Threading.Tasks;
using Callgate.Abi;

namespace Callgate
{
    /// <summary>A started call and its task.</summary>
    internal abstract unsafe class StartedCall
    {
        private static readonly Trampoline<CompletionCallback> Completing =
            new Trampoline<CompletionCallback>(OnCompleted);

        public static IntPtr Completion => Completing.Pointer;

        protected abstract void Complete(int status, NativeBuffer* reply, IntPtr error);

        private static void OnCompleted(IntPtr userData, int status, NativeBuffer* reply, IntPtr error)
        {
            ProcessExit.Pass();
            UserData.Get<StartedCall>(userData).Complete(status, reply, error);
        }
    }

    internal sealed class StartedCall<T> : StartedCall
    {
        // Continuations belong to the program, so they do not run on Callgate's threads.
        private readonly TaskCompletionSource<T> _source =
            new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);

        private readonly RemoteObject _remote;
        private readonly BoundMethod _method;
        private readonly bool _hasResult;
        private readonly CancellationToken _token;

        public StartedCall(RemoteObject remote, BoundMethod method, bool hasResult, CancellationToken token)
        {
            _remote = remote;
            _method = method;
            _hasResult = hasResult;
            _token = token;
        }

        public CallCancellation? Cancellation { get; set; }

        /// <summary>The task of the call. If the call is cancelled, the task is cancelled, not faulted, if possible.</summary>
        public Task<T> TaskOf(bool canBeCancelled) => canBeCancelled ? Follow(_source.Task) : _source.Task;

        public void Fail(Exception failure)
        {
            Cancellation?.Dispose();
            _source.TrySetException(failure);
        }

        private static async Task<T> Follow(Task<T> task) => await task.ConfigureAwait(false);

        protected override unsafe void Complete(int status, NativeBuffer* reply, IntPtr error)
        {
            try
            {
                if (status != 0)
                {
                    if (ProcessExit.IsUnderWay)
                        return; // The error is only due to the exit of the process: it is not reported.
                    Fail(_remote.Read(status, error, _token));
                    return;
                }
                T result = _hasResult ? _method.ReadResult<T>(reply, new MessageReader(), isChecked: false) : default!;
                Cancellation?.Dispose();
                _source.TrySetResult(result);
            }
            catch (Exception failure)
            {
                Fail(failure); // No exception may leave a callback.
            }
        }
    }
}
