using System;
using System.Threading;
using System.Threading.Tasks;
using Callgate.Abi;

namespace Callgate
{
    /// <summary>Waits of the core as tasks. Each has a thread of its own: none of the pool's is held up.</summary>
    internal static class Waiting
    {
        private const int LookMs = 20;

        public static Task For(Action wait) => Task.Factory.StartNew(
            wait,
            CancellationToken.None,
            TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach,
            TaskScheduler.Default);

        /// <summary>Likewise for closing, which in a call that is being served here begins and returns at once.</summary>
        public static Task ForClosing(Action close)
        {
            if (IncomingCall.Current == null)
                return For(close);
            close();
            return Task.CompletedTask;
        }

        /// <summary>Waits for a connection until the token is cancelled; the core's wait knows no token.</summary>
        public static void Connected(ClientHandle client, long timeoutMs, CancellationToken cancel)
        {
            long left = timeoutMs;
            while (true)
            {
                cancel.ThrowIfCancellationRequested();
                bool isLast = !cancel.CanBeCanceled || (left <= LookMs && left != Timeout.Infinite);
                IntPtr error = IntPtr.Zero;
                int status = Native.callgate_client_wait_connected(client, isLast ? left : LookMs, ref error);
                if (status == 0)
                    return;
                if (isLast || status != (int)Status.TimedOut)
                    throw Failures.Take(status, error, null, default);
                Native.callgate_error_free(error);
                left -= left == Timeout.Infinite ? 0 : LookMs;
            }
        }
    }
}
