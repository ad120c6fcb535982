using System;
using System.Collections.Concurrent;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

namespace Callgate.Tests
{
    public interface INumbered
    {
        Task Take(int number);
    }

    internal sealed class Numbered : INumbered
    {
        public ConcurrentQueue<int> Taken { get; } = new ConcurrentQueue<int>();

        public Task Take(int number)
        {
            Taken.Enqueue(number);
            return Task.CompletedTask;
        }
    }

    /// <summary>What ConnectionTimeoutMs changes, and what it does not.</summary>
    internal static class ConnectionTimeoutTests
    {
        private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(50);

        [Test]
        private static void AsynchronousCallsStayInOrder()
        {
            var served = new Numbered();
            using (var session = new Session(host =>
            {
                host.AddDelegateFactory(type => type == typeof(INumbered) ? served : null);
                host.AddOrderedInterface<INumbered>();
            }))
            {
                session.Client.ConnectionTimeoutMs = 20_000;
                var proxy = session.Client.CreateProxy<INumbered>();
                Task.WaitAll(Enumerable.Range(0, 2000).Select(proxy.Take).ToArray());
                Check.That(Enumerable.Range(0, 2000).SequenceEqual(served.Taken), "the calls are served in the order of their making");
            }
        }

        [Test]
        private static void AsynchronousCallsTakeNoThreadOfThePoolWhileTheyWait()
        {
            using (ReconnectingRpcClient client = new ClientBuilder().ConnectToNamedPipe(Session.UniquePipe()))
            {
                client.ConnectionTimeoutMs = 20_000;
                var proxy = client.CreateProxy<INumbered>();
                Task[] waiting = Enumerable.Range(0, 60).Select(proxy.Take).ToArray();
                Task other = Task.Run(() => { });
                Check.Equal(other, Task.WhenAny(waiting.Append(other)).Result);
            }
        }

        [Test]
        private static void TheExceptionIsTheSameHoweverItWasSet()
        {
            var builder = new ClientBuilder();
            builder.Limits.ConnectionTimeout = Short;
            using (ReconnectingRpcClient built = builder.ConnectToNamedPipe(Session.UniquePipe()))
            using (ReconnectingRpcClient set = new ClientBuilder().ConnectToNamedPipe(Session.UniquePipe()))
            {
                Check.Equal(50, built.ConnectionTimeoutMs);
                set.ConnectionTimeoutMs = 50;
                foreach (ReconnectingRpcClient client in new[] { built, set })
                {
                    var proxy = client.CreateProxy<INumbered>();
                    var faulted = Check.Throws<ChannelFaultedException>(() => proxy.Take(1).GetAwaiter().GetResult());
                    Check.Equal(Execution.NotRun, faulted.Execution);
                    Check.Equal(Execution.NotRun, Check.Throws<ChannelFaultedException>(
                        () => client.CreateProxy(typeof(INumbered).FullName!).Call("Take", 1)).Execution);
                }
            }
        }

        [Test]
        private static void ItCanBeChangedAtAnyTime()
        {
            using (ReconnectingRpcClient client = new ClientBuilder().ConnectToNamedPipe(Session.UniquePipe()))
            {
                var proxy = client.CreateProxy<INumbered>();
                client.ConnectionTimeoutMs = 0;
                Check.Throws<ChannelFaultedException>(() => proxy.Take(1).GetAwaiter().GetResult());
                client.ConnectionTimeoutMs = Timeout.Infinite;
                Check.Equal(Timeout.Infinite, client.ConnectionTimeoutMs);
                Check.Throws<CallTimedOutException>(() => new CallOptions { Timeout = Short }.For(proxy).Take(1).GetAwaiter().GetResult());
            }
        }
    }
}
