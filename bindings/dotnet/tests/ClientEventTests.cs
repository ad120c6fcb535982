using System;
using System.Collections.Concurrent;
using System.Threading;
using System.Threading.Tasks;

namespace Callgate.Tests
{
    internal static class ClientEventTests
    {
        [Test]
        private static void AClientTellsOfItsConnectionsWhateverOneHandlerThrows()
        {
            var seen = new BlockingCollection<string>();
            var logged = new BlockingCollection<string>();
            using (var session = new Session(
                host => host.AddDelegateFactory(type => type == typeof(IAliased) ? new Aliased() : null),
                client => client.Log = logEvent =>
                {
                    if (logEvent.Level == LogLevel.Error)
                        logged.Add(logEvent.Message);
                }))
            {
                ClientConnectedEventHandler forgotten = args => seen.Add("forgotten");
                session.Client.Connected += args => seen.Add($"{args.Connection.IsConnected}");
                Check.Equal("True", seen.Take()); // It was already connected.
                session.Client.Connected += forgotten;
                Check.Equal("forgotten", seen.Take());
                session.Client.Connected -= forgotten;
                session.Client.Connected += args => throw new InvalidOperationException("too late");
                Check.Contains("too late", logged.Take());
                session.Client.Disconnected += args => throw new InvalidOperationException("not today");
                session.Client.Disconnected += args => seen.Add($"end {args.Connection.IsConnected}");
                session.Restart();
                Check.Equal("end False", seen.Take());
                Check.Equal("True", seen.Take());
                Check.Contains("not today", logged.Take());
            }
            Check.Equal("end False", seen.Take());
        }

        [Test]
        private static void AHandlerCallsTheHostOnItsConnection()
        {
            var seen = new BlockingCollection<string>();
            using (Session session = Session.Of<IAliased>(new Aliased()))
            {
                session.Client.Connected += args => seen.Add(((Connection)args.Connection).CreateProxy<IAliased>().Where());
                Check.Equal("here", seen.Take());
                session.Restart();
                Check.Equal("here", seen.Take());
            }
        }

        [Test]
        private static void ConnectingFlushingAndClosingAreAwaited() => Run().GetAwaiter().GetResult();

        private static async Task Run()
        {
            string pipe = Session.UniquePipe();
            var hosts = new ServiceHostBuilder();
            hosts.AddEndpoint(new NamedPipeEndpoint(pipe));
            hosts.AddDelegateFactory(type => type == typeof(IAliased) ? new Aliased() : null);
            using (ReconnectingRpcClient client = new ClientBuilder().ConnectToNamedPipe(pipe))
            {
                Task early = client.WaitConnectedAsync(TimeSpan.FromMinutes(2));
                Task never = client.WaitConnectedAsync(TimeSpan.FromMilliseconds(50));
                await Throws<CallTimedOutException>(never);
                using (var cancel = new CancellationTokenSource())
                {
                    Task cancelled = client.WaitConnectedAsync(Timeout.InfiniteTimeSpan, cancel.Token);
                    cancel.Cancel();
                    await Throws<OperationCanceledException>(cancelled);
                }
                ServiceHost host = hosts.Create();
                await early;
                await client.FlushAsync();
                Check.Equal("here", client.CreateProxy<IAliased>().Where());
                await client.CloseAsync();
                await client.CloseAsync(TimeSpan.FromSeconds(1));
                await host.CloseAsync();
                Check.Throws<ObjectDisposedException>(() => client.CreateProxy<IAliased>().Where());
            }
#if NETCOREAPP
            await using ServiceHost second = hosts.Create();
            await using ReconnectingRpcClient other = new ClientBuilder().ConnectToNamedPipe(pipe);
            Check.Equal("here", other.CreateProxy<IAliased>().Where());
#endif
        }

        [Test]
        private static void ADelegateClosesItsOwnHostWithoutWaiting()
        {
            ServiceHost? host = null;
            using (var session = new Session(builder => builder.AddDelegateFactory(
                type => type == typeof(IAliased) ? new Closing(() => host!.CloseAsync().Wait()) : null)))
            {
                host = session.Host;
                Check.Equal("closing", session.Client.CreateProxy<IAliased>().Where());
            }
        }

        private static async Task Throws<T>(Task task) where T : Exception
        {
            try
            {
                await task;
            }
            catch (T)
            {
                return;
            }
            throw new Exception($"expected {typeof(T)}, nothing was thrown");
        }

        private sealed class Closing : IAliased
        {
            private readonly Action _close;

            public Closing(Action close) => _close = close;

            public string Where()
            {
                _close();
                return "closing";
            }
        }
    }
}
