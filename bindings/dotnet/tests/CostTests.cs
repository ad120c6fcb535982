#if NETCOREAPP
using System;
using System.Threading;

namespace Callgate.Tests
{
    public interface ISum
    {
        int Add(int a, int b);

        Colour Next(Colour colour, double weight, bool isLast);

        void Nothing(long number);
    }

    internal sealed class Sum : ISum
    {
        [ThreadStatic]
        private static long t_before;

        private long _leastBetween = long.MaxValue;

        /// <summary>The fewest bytes that a thread allocates between one call and the next.</summary>
        public long LeastBetween => Interlocked.Read(ref _leastBetween);

        public int Add(int a, int b)
        {
            long now = GC.GetAllocatedBytesForCurrentThread();
            if (t_before != 0 && now - t_before < LeastBetween)
                Interlocked.Exchange(ref _leastBetween, now - t_before);
            t_before = GC.GetAllocatedBytesForCurrentThread();
            return a + b;
        }

        public Colour Next(Colour colour, double weight, bool isLast) => colour;

        public void Nothing(long number)
        {
        }
    }

    internal static class CostTests
    {
        [Test]
        private static void ACallOfPlainValuesAllocatesNothing()
        {
            var served = new Sum();
            using (Session session = Session.Of<ISum>(served))
            {
                var sum = session.Client.CreateProxy<ISum>();
                Check.Equal(0, LeastAllocated(() => sum.Add(20, 22)));
                Check.Equal(0, LeastAllocated(() => sum.Next(Colour.Blue, 0.5, true)));
                Check.Equal(0, LeastAllocated(() => sum.Nothing(1)));
                Check.Equal(0, served.LeastBetween);
            }
        }

        /// <summary>Allocated by this thread in a call; some calls grow buffers or are recompiled.</summary>
        private static long LeastAllocated(Action call)
        {
            long least = long.MaxValue;
            for (int i = 0; i < 100; i++)
            {
                long before = GC.GetAllocatedBytesForCurrentThread();
                call();
                least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
            }
            return least;
        }
    }
}
#endif
