using System;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Linq;
using System.Threading;

namespace Callgate.Tests
{
    /// <summary>Handlers that throw: their exceptions are logged, and the other handlers still run.</summary>
    internal static class HandlerTests
    {
        [Test]
        private static void AConnectedHandlerThatThrowsStopsNoOtherAndIsLogged()
        {
            var log = new BlockingCollection<string>();
            int connected = 0;
            using (var session = new Session(host =>
            {
                host.Log = logged => log.Add($"{logged.Level}: {logged}");
                host.AddClientConnectedHandler(_ => throw new InvalidOperationException("first\nline"));
                host.AddClientConnectedHandler(_ => Interlocked.Increment(ref connected));
                host.AddDelegateFactory(type => type == typeof(IAliased) ? new Aliased() : null);
            }))
            {
                Check.Equal("here", session.Client.CreateProxy<IAliased>().Where());
                Check.Equal(1, connected);
                Check.Contains("Error: a connected handler threw System.InvalidOperationException: first\\nline", Logged(log, "threw"));
            }
        }

        [Test]
        private static void HandlersThatThrowDoNotFillTheLog()
        {
            var lines = new ConcurrentQueue<string>();
            using (var session = new Session(host =>
            {
                host.Log = logged => lines.Enqueue(logged.Message);
                host.AddClientConnectedHandler(_ => throw new InvalidOperationException("no"));
            }))
            {
                Stopwatch time = Stopwatch.StartNew();
                for (int i = 0; i < 60; i++)
                    ComeAndGo(session);
                int logged = lines.Count(line => line.Contains("a connected handler threw"));
                int most = 10 * ((int)time.Elapsed.TotalSeconds + 2);
                Check.That(logged <= most, $"{logged} lines, at most {most} expected");
                while (!lines.Any(line => line.Contains("more failed handlers were not logged")))
                    ComeAndGo(session);
            }
        }

        private static void ComeAndGo(Session session)
        {
            using (ReconnectingRpcClient client = session.Connect())
                client.WaitConnected();
        }

        [Test]
        private static void TheTextOfAnExceptionForgesNoLineAndIsCut()
        {
            var log = new BlockingCollection<string>();
            string text = "a\u2028b\u202ec\u001b" + new string('x', 100_000);
            using (var session = new Session(host =>
            {
                host.Log = logged => log.Add($"{logged.Level}: {logged}");
                host.AddClientConnectedHandler(_ => throw new InvalidOperationException(text));
                host.AddDelegateFactory(type => type == typeof(IAliased) ? new Aliased() : null);
            }))
            {
                Check.Equal("here", session.Client.CreateProxy<IAliased>().Where());
                string line = Logged(log, "threw");
                Check.Contains("a\\u2028b\\u202ec\\u001bxxx", line);
                Check.Contains("characters more)", line);
                Check.That(line.Length < 9000, $"{line.Length} characters are logged");
            }
        }

        [Test]
        private static void ADisconnectedHandlerThatThrowsStopsNoOtherAndIsLogged()
        {
            var log = new BlockingCollection<string>();
            var seen = new CountdownEvent(3);
            IConnection? kept = null;
            using (var session = new Session(host =>
            {
                host.Log = logged => log.Add($"{logged.Level}: {logged}");
                host.AddClientConnectedHandler(args =>
                {
                    kept = args.Connection;
                    kept.Disconnected += _ => seen.Signal();
                    kept.Disconnected += _ => throw new InvalidOperationException("no");
                    kept.Disconnected += _ => seen.Signal();
                });
                host.AddDelegateFactory(type => type == typeof(IAliased) ? new Aliased() : null);
            }))
            {
                session.Client.CreateProxy<IAliased>().Where();
                session.Client.Dispose();
                Check.Contains("Error: a disconnected handler threw System.InvalidOperationException: no", Logged(log, "threw"));
                while (seen.CurrentCount > 1)
                    Thread.Yield();
                // A handler that is added late runs at once, and may throw too.
                kept!.Disconnected += _ => throw new InvalidOperationException("too late");
                kept.Disconnected += _ => seen.Signal();
                seen.Wait();
                Check.Contains("too late", Logged(log, "late"));
            }
        }

        [Test]
        private static void AConnectedHandlerRefusesAClientByDisposingItsConnection()
        {
            int asked = 0;
            var builder = new ServiceHostBuilder();
            string pipe = Session.UniquePipe();
            builder.AddEndpoint(new NamedPipeEndpoint(pipe));
            builder.AddClientConnectedHandler(args => args.Connection.Dispose());
            builder.AddDelegateFactory(_ =>
            {
                Interlocked.Increment(ref asked);
                return null;
            });
            using (builder.Create())
            using (ReconnectingRpcClient client = new ClientBuilder().ConnectToNamedPipe(pipe))
            {
                var hasty = new CallOptions { Timeout = TimeSpan.FromMilliseconds(300) };
                try
                {
                    hasty.For(client.CreateProxy<IAliased>()).Where();
                    throw new Exception("the call was served");
                }
                catch (ChannelFaultedException)
                {
                }
                Check.Equal(0, asked);
            }
        }

        [Test]
        private static void WithoutALogWhatHandlersThrowIsTraced()
        {
            var traced = new Listener();
            Trace.Listeners.Add(traced);
            try
            {
                using (var session = new Session(host =>
                {
                    host.AddClientConnectedHandler(_ => throw new InvalidOperationException("unheard"));
                    host.AddDelegateFactory(type => type == typeof(IAliased) ? new Aliased() : null);
                }))
                    session.Client.CreateProxy<IAliased>().Where();
                Check.Contains("unheard", Logged(traced.Lines, "unheard"));
                using (var session = new Session(host =>
                {
                    host.Log = _ => throw new InvalidOperationException("the log is full");
                    host.AddDelegateFactory(type => type == typeof(IAliased) ? new Aliased() : null);
                }))
                    Check.Equal("here", session.Client.CreateProxy<IAliased>().Where());
                Check.Contains("the log is full", Logged(traced.Lines, "the log is full"));
            }
            finally
            {
                Trace.Listeners.Remove(traced);
            }
        }

        [Test]
        private static void WhatACancelledTokenRunsMayThrow()
        {
            var log = new BlockingCollection<string>();
            var served = new Guarded();
            using (var session = new Session(host =>
            {
                host.Log = logged => log.Add($"{logged.Level}: {logged}");
                host.AddDelegateFactory(type => type == typeof(IGuarded) ? served : null);
            }))
            {
                var hasty = new CallOptions { Timeout = TimeSpan.FromMilliseconds(50) };
                // On a busy machine a call may time out before it is served.
                while (!log.Any(line => line.Contains("registered with a cancelled token threw")))
                    Check.Throws<CallTimedOutException>(() => hasty.For(session.Client.CreateProxy<IGuarded>()).Wait());
            }
        }

        /// <summary>The first line with a word. The test's time limit bounds the wait.</summary>
        private static string Logged(BlockingCollection<string> lines, string word)
        {
            while (true)
            {
                string line = lines.Take();
                if (line.Contains(word))
                    return line;
            }
        }

        private sealed class Listener : TraceListener
        {
            public BlockingCollection<string> Lines { get; } = new BlockingCollection<string>();

            public override void Write(string? message)
            {
            }

            public override void WriteLine(string? message) => Lines.Add(message ?? "");
        }
    }

    public interface IGuarded
    {
        void Wait(CancellationToken cancel = default);
    }

    internal sealed class Guarded : IGuarded
    {
        public void Wait(CancellationToken cancel)
        {
            cancel.Register(() => throw new InvalidOperationException("not now"));
            cancel.WaitHandle.WaitOne();
        }
    }
}
