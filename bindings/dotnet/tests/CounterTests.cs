using System;
using System.Linq;
using System.Threading;

namespace Callgate.Tests
{
    public interface ICounted
    {
        int Echo(int value);

        void Fail();

        [RpcNonBlocking]
        void Note();
    }

    internal sealed class Counted : ICounted
    {
        public SemaphoreSlim Noted { get; } = new SemaphoreSlim(0);

        public int Echo(int value) => value;

        public void Fail() => throw new InvalidOperationException("as asked");

        public void Note() => Noted.Release();
    }

    /// <summary>What hosts and clients count.</summary>
    internal static class CounterTests
    {
        [Test]
        public static void CallsAndErrorsAreCountedOnBothSides()
        {
            var served = new Counted();
            using (Session session = Session.Of<ICounted>(served))
            {
                ICounted proxy = session.Client.CreateProxy<ICounted>();
                Check.Equal((TimeSpan?)null, session.Client.GetCounters().Made.Latencies.Quantile(0.5));
                for (int i = 0; i < 20; i++)
                    Check.Equal(i, proxy.Echo(i));
                proxy.Note();
                served.Noted.Wait();
                Check.Throws<InvalidOperationException>(() => proxy.Fail());
                Check.Throws<ContractMismatchException>(() => session.Client.CreateProxy("IUnknown").Call("M"));

                Counters made = session.Client.GetCounters(), there = session.Host.GetCounters();
                Check.Equal((1L, 1L), (made.Connections, there.ConnectionsEstablished));
                Check.Equal(0L, there.ConnectionsFailed);
                Check.Equal((1L, 0L), (made.Made.OneWay, made.Made.InFlight));
                Check.Equal(made.BytesSent, there.BytesReceived);
                Check.Equal((0L, 0L), (made.Served.Calls, there.Made.Calls));
                // The description is asked for in one more call.
                Check.Equal((23L, 22L), (made.Made.Calls, there.Served.Calls));
                foreach (CallCounters calls in new[] { made.Made, there.Served })
                {
                    Check.Equal((1L, 1L), (calls.Errors[Status.RemoteError], calls.Errors[Status.ContractMismatch]));
                    Check.Equal(2, calls.Errors.Count);
                    Check.Equal(2L, calls.Latencies.Count);
                }
                Latencies latencies = made.Made.Latencies;
                TimeSpan? longest = latencies.Quantile(1);
                Check.That(longest > TimeSpan.Zero && longest < TimeSpan.FromMinutes(1), $"{longest}");
                Check.Equal(latencies.Buckets.First().UpperBound, latencies.Quantile(0));
                Check.Equal(latencies.Buckets.Last().UpperBound, longest);
            }
        }

        [Test]
        public static void AsText()
        {
            using (Session session = Session.Of<ICounted>(new Counted()))
            {
                session.Client.CreateProxy<ICounted>().Echo(1);
                string text = session.Client.GetOpenMetrics();
                Check.Contains("callgate_connections 1\n", text);
                Check.That(text.EndsWith("# EOF\n"), text);
                Check.Contains("callgate_connections 1\n", session.Host.GetOpenMetrics());
            }
        }

        [Test]
        public static void TheyOutliveClosing()
        {
            using (Session session = Session.Of<ICounted>(new Counted()))
            {
                session.Client.CreateProxy<ICounted>().Echo(1);
                session.Client.Close();
                Check.Equal(0L, session.Client.GetCounters().Connections);
                Check.Equal(1L, session.Client.GetCounters().ConnectionsEstablished);
                session.Client.Dispose();
                Check.Throws<ObjectDisposedException>(() => session.Client.GetCounters());
            }
        }
    }
}
