using System;
using System.Threading;
using System.Threading.Tasks;
using Callgate.Abi;

namespace Callgate
{
    /// <summary>A call that a task stands for.</summary>
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
        // Continuations are the program's: they run on its threads, not on Callgate's.
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

        public Withdrawal? Withdrawal { get; set; }

        /// <summary>Its task: cancelled, not faulted, when the call was withdrawn, if it can be.</summary>
        public Task<T> TaskOf(bool canBeWithdrawn) => canBeWithdrawn ? Follow(_source.Task) : _source.Task;

        public void Fail(Exception failure)
        {
            Withdrawal?.Dispose();
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
                        return; // No one is to see an error that only the end of the process brought about.
                    Fail(_remote.Read(status, error, _token));
                    return;
                }
                T result = _hasResult ? _method.ReadResult<T>(reply, new MessageReader(), isChecked: false) : default!;
                Withdrawal?.Dispose();
                _source.TrySetResult(result);
            }
            catch (Exception failure)
            {
                Fail(failure); // Nothing may leave a callback.
            }
        }
    }
}
