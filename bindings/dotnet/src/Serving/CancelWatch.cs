using System;
using System.Threading;
using Callgate.Abi;

namespace Callgate
{
    /// <summary>
    /// Cancels a delegate's token when its caller waits no more. It looks every few milliseconds, since a
    /// thread that waits for each such call would cost more.
    /// </summary>
    internal sealed class CancelWatch : IDisposable
    {
        private const int PeriodMs = 10;

        private readonly CancellationTokenSource _source = new CancellationTokenSource();
        private readonly object _lock = new object();
        private readonly Timer _timer;
        private readonly IntPtr _call;
        private readonly HandlerFailures _handlers;
        private DeferredCallHandle? _deferred;
        private bool _isOver;

        public CancelWatch(IntPtr call, HandlerFailures handlers)
        {
            _call = call;
            _handlers = handlers;
            _timer = new Timer(watch => ((CancelWatch)watch!).Look(), this, Timeout.Infinite, Timeout.Infinite);
            _timer.Change(PeriodMs, PeriodMs);
        }

        public CancellationToken Token => _source.Token;

        /// <summary>Goes on with the call's deferred handle.</summary>
        public void Follow(DeferredCallHandle deferred)
        {
            lock (_lock)
                _deferred = deferred;
        }

        public void Dispose()
        {
            lock (_lock)
                _isOver = true;
            _timer.Dispose();
        }

        private void Look()
        {
            if (!IsCancelled())
                return;
            Dispose();
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

        private bool IsCancelled()
        {
            lock (_lock)
                return !_isOver && (_deferred == null
                    ? Native.callgate_call_is_cancelled(_call)
                    : Native.callgate_call_is_cancelled(_deferred));
        }
    }
}
