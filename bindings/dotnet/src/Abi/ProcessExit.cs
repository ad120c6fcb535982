using System;
using System.Collections.Generic;
using System.Threading;

namespace Callgate.Abi
{
    /// <summary>Handles the exit of the process while hosts and clients are open.</summary>
    internal static class ProcessExit
    {
        private const long CloseTimeoutMs = 2000;
        private const long Begin = -2; // CALLGATE_TIMEOUT_NOW

        // Mono cannot exit while a C thread that has run managed code still exists, so the owners are closed first.
        // They are few, and rarely created.
        private static readonly bool IsMono = Type.GetType("Mono.Runtime") != null;

        private static readonly List<WeakReference<OwnedHandle>> Owners = new List<WeakReference<OwnedHandle>>();

        private static volatile bool s_isExiting;

        static ProcessExit() => AppDomain.CurrentDomain.ProcessExit += (_, __) => OnExit();

        /// <summary>Whether the process is exiting.</summary>
        public static bool IsUnderWay => s_isExiting;

        /// <summary>Adds a host or client, and removes those that were freed.</summary>
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
        /// Blocks Callgate's threads for ever once the runtime is exiting; they end with the process. Every callback
        /// that runs the program's code must call it first.
        /// </summary>
        public static void Pass()
        {
            if (s_isExiting && !IsMono)
                Thread.Sleep(Timeout.Infinite);
        }

        /// <summary>Blocks a thread of the program whose call fails only because the process is exiting.</summary>
        public static void PassFailure()
        {
            if (s_isExiting)
                Thread.Sleep(Timeout.Infinite);
        }

        private static void OnExit()
        {
            s_isExiting = true;
            OwnedHandle[] owners = Alive();
            // All in parallel: a client's call may wait for a host's delegate, and vice versa.
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
                // Another thread has freed it.
            }
            Native.callgate_error_free(error);
        }
    }
}
