using System;
using System.Threading;
using System.Threading.Tasks;
using Callgate.Abi;

namespace Callgate
{
    /// <summary>Waits of the native library as tasks. Each has its own thread, so none blocks a thread of the pool.</summary>
    internal static class Waiting
    {
        private const int CheckMs = 20;

        public static Task For(Action wait) => Task.Factory.StartNew(
            wait,
            CancellationToken.None,
            TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach,
            TaskScheduler.Default);

        /// <summary>Closes as a task. On a thread that is serving a call, closing begins and returns at once.</summary>
        public static Task ForClosing(Action close)
        {
            if (IncomingCall.Current == null)
                return For(close);
            close();
            return Task.CompletedTask;
        }

        /// <summary>Waits for a connection in slices, since the native wait takes no token.</summary>
        public static void Connected(ClientHandle client, long timeoutMs, CancellationToken cancel)
        {
            long left = timeoutMs;
            while (true)
            {
                cancel.ThrowIfCancellationRequested();
                bool isLast = !cancel.CanBeCanceled || (left <= CheckMs && left != Timeout.Infinite);
                IntPtr error = IntPtr.Zero;
                int status = Native.callgate_client_wait_connected(client, isLast ? left : CheckMs, ref error);
                if (status == 0)
                    return;
                if (isLast || status != (int)Status.TimedOut)
                    throw Failures.Take(status, error, null, default);
                Native.callgate_error_free(error);
                left -= left == Timeout.Infinite ? 0 : CheckMs;
            }
        }
    }
}
