using System;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Threading;
using System.Threading.Tasks;

namespace Callgate.Tests
{
    internal static class GcTests
    {
        private static readonly TimeSpan Time = TimeSpan.FromSeconds(Runner.Number("CALLGATE_GC_SECONDS", 3));

        [Test]
        private static void CollectionsBesideCallsAndCallbacks()
        {
            using (var stop = new CancellationTokenSource(Time))
            using (var session = new Session(
                host => host.AddDuplexDelegateFactory<IBusy, IListener>(listener => new Busy(listener)),
                client => client.AddCallbackHandler<IListener>(new Listener())))
            {
                Task collector = Task.Run(() =>
                {
                    while (!stop.IsCancellationRequested)
                    {
                        GC.Collect();
                        GC.WaitForPendingFinalizers();
                    }
                });
                Task[] callers = Enumerable.Range(0, 3).Select(_ => Task.Run(() => Work(session, stop.Token))).ToArray();
                Task.WaitAll(callers);
                collector.Wait();
            }
        }

        [Test]
        private static void WhatIsForgottenIsFreed()
        {
            using (Session session = Session.Of<IAliased>(new Aliased()))
            {
                for (int i = 0; i < 50; i++)
                    Forget(session);
                WeakReference forgotten = Forget(session);
                for (int tries = 0; forgotten.IsAlive && tries < 100; tries++)
                {
                    GC.Collect();
                    GC.WaitForPendingFinalizers();
                    Overwrite(20);
                }
                // Mono scans stacks conservatively, and may find dead references there.
                Check.That(!forgotten.IsAlive || Processes.IsMono, "a client that nobody has is collected");
            }
        }

        private static void Work(Session session, CancellationToken stop)
        {
            for (int number = 0; !stop.IsCancellationRequested; number++)
            {
                // Proxies, clients, cancellations and options that are repeatedly dropped without disposal.
                IBusy proxy = new CallOptions { Metadata = { ["number"] = $"{number}" }, Cancel = stop }
                    .For(session.Client.CreateProxy<IBusy>());
                try
                {
                    Check.Equal(number + 1, proxy.Next(number));
                    Task<int> started = proxy.NextAsync(number);
                    proxy.Tell(number);
                    Check.Equal(number + 1, started.GetAwaiter().GetResult());
                }
                catch (CallCancelledException)
                {
                    return; // The time is over.
                }
                if (number % 50 == 0)
                    Check.Equal(1, session.Connect().CreateProxy<IBusy>().Next(0));
            }
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        private static WeakReference Forget(Session session)
        {
            ReconnectingRpcClient client = session.Connect();
            Check.Equal("here", client.CreateProxy<IAliased>().Where());
            return new WeakReference(client);
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        private static int Overwrite(int depth) => depth == 0 ? 0 : 1 + Overwrite(depth - 1);
    }
}
