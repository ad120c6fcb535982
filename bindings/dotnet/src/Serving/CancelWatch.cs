using System;
using System.Threading;
using Callgate.Abi;

namespace Callgate
{
    /// <summary>Cancels a delegate's token when its caller no longer waits.</summary>
    internal sealed class CancelWatch : IDisposable
    {
        private static readonly Trampoline<CancelledCallback> Cancelled =
            new Trampoline<CancelledCallback>(OnCancelled);

        private readonly CancellationTokenSource _source = new CancellationTokenSource();
        private readonly HandlerFailures _handlers;
        private volatile bool _isOver;

        public CancelWatch(IntPtr call, HandlerFailures handlers)
        {
            _handlers = handlers;
            IntPtr error = IntPtr.Zero;
            int status = Native.callgate_call_on_cancelled(
                call, Cancelled.Pointer, UserData.Keep(this), UserData.Free, IntPtr.Zero, ref error);
            Failures.Check(status, error);
        }

        public CancellationToken Token => _source.Token;

        /// <summary>The delegate has ended: its token no longer changes.</summary>
        public void Dispose() => _isOver = true;

        private static void OnCancelled(IntPtr userData) => UserData.Get<CancelWatch>(userData).Cancel();

        private void Cancel()
        {
            if (_isOver)
                return;
            try
            {
                _source.Cancel();
            }
            catch (AggregateException failures)
            {
                foreach (Exception failure in failures.InnerExceptions)
                    _handlers.Report("a function registered with a cancelled token", failure);
            }
        }
    }
}
