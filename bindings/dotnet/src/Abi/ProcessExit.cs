using System;
using System.Collections.Generic;
using System.Threading;

namespace Callgate.Abi
{
    /// <summary>What is done when the process ends while hosts and clients are still there.</summary>
    internal static class ProcessExit
    {
        private const long CloseTimeoutMs = 2000;
        private const long Begin = -2; // CALLGATE_TIMEOUT_NOW

        // Mono cannot end while a thread of C's that has once run managed code is left, so that there the
        // owners are closed first. They are few, and made seldom.
        private static readonly bool IsMono = Type.GetType("Mono.Runtime") != null;

        private static readonly List<WeakReference<OwnedHandle>> Owners = new List<WeakReference<OwnedHandle>>();

        private static volatile bool s_isExiting;

        static ProcessExit() => AppDomain.CurrentDomain.ProcessExit += (_, __) => OnExit();

        /// <summary>Whether the process is ending.</summary>
        public static bool IsUnderWay => s_isExiting;

        /// <summary>Knows a host or a client, and forgets those that are gone.</summary>
        public static void Add(OwnedHandle owner)
        {
            if (!IsMono)
                return;
            lock (Owners)
            {
                Owners.RemoveAll(known => !known.TryGetTarget(out OwnedHandle? alive) || alive.IsClosed);
                Owners.Add(new WeakReference<OwnedHandle>(owner));
            }
        }

        /// <summary>
        /// Holds back, for good, what Callgate's threads would still begin in a runtime that is ending: they
        /// end with the process. To be called first in each callback that runs the program's code.
        /// </summary>
        public static void Pass()
        {
            if (s_isExiting && !IsMono)
                Thread.Sleep(Timeout.Infinite);
        }

        /// <summary>Likewise a thread of the program's whose call fails only because the process ends.</summary>
        public static void PassFailure()
        {
            if (s_isExiting)
                Thread.Sleep(Timeout.Infinite);
        }

        private static void OnExit()
        {
            s_isExiting = true;
            OwnedHandle[] owners = Alive();
            // All at once: a client's call may wait for a host's delegate, and the other way round.
            foreach (OwnedHandle owner in owners)
                Close(owner, Begin);
            foreach (OwnedHandle owner in owners)
                Close(owner, CloseTimeoutMs);
        }

        private static OwnedHandle[] Alive()
        {
            var alive = new List<OwnedHandle>();
            lock (Owners)
                foreach (WeakReference<OwnedHandle> known in Owners)
                    if (known.TryGetTarget(out OwnedHandle? owner) && !owner.IsClosed)
                        alive.Add(owner);
            return alive.ToArray();
        }

        private static void Close(OwnedHandle owner, long timeoutMs)
        {
            IntPtr error = IntPtr.Zero;
            try
            {
                if (owner is ClientHandle client)
                    Native.callgate_client_close(client, timeoutMs, ref error);
                else if (owner is HostHandle host)
                    Native.callgate_host_close(host, timeoutMs, ref error);
            }
            catch (ObjectDisposedException)
            {
                // Another thread was faster.
            }
            Native.callgate_error_free(error);
        }
    }
}
