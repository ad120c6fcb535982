using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Threading;

namespace Callgate.Tests
{
    public interface ILargeEcho
    {
        byte[] Echo(byte[] value);
    }

    internal sealed class LargeEcho : ILargeEcho
    {
        public byte[] Echo(byte[] value) => value;
    }

    internal static class LargeValueTests
    {
        private const int Size = 8 << 20;
        private const long MayStay = 32 << 20;

        // Longer than a connection that is not in use keeps memory for large frames, which is two seconds.
        private static readonly TimeSpan GivenBack = TimeSpan.FromSeconds(20);

        [Test]
        private static void TheirMemoryGoesBackWhenGarbageIsCollected()
        {
            if (!File.Exists("/proc/self/status"))
                return;
            using (Session session = Session.Of<ILargeEcho>(new LargeEcho()))
            {
                var echo = new CallOptions { Timeout = TimeSpan.FromMinutes(1) }.For(session.Client.CreateProxy<ILargeEcho>());
                echo.Echo(new byte[1]);
                long before = Collected();
                EchoAll(echo);
                var waited = Stopwatch.StartNew();
                long more;
                while ((more = Collected() - before) > MayStay && waited.Elapsed < GivenBack)
                    Thread.Sleep(50);
                Check.That(more <= MayStay, $"{more >> 20} MiB stay after echoes of {Size >> 20} MiB by eight threads");
            }
        }

        private static void EchoAll(ILargeEcho echo)
        {
            var value = new byte[Size];
            Thread[] threads = Enumerable.Range(0, 8).Select(_ => new Thread(() =>
            {
                for (int i = 0; i < 4; i++)
                    Check.Equal(Size, echo.Echo(value).Length);
            })).ToArray();
            foreach (Thread each in threads)
                each.Start();
            foreach (Thread each in threads)
                each.Join();
        }

        /// <summary>The memory of this process, in bytes, when its garbage is collected.</summary>
        private static long Collected()
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            GC.Collect();
            string line = File.ReadLines("/proc/self/status").First(each => each.StartsWith("VmRSS:"));
            return long.Parse(new string(line.Where(char.IsDigit).ToArray())) << 10;
        }
    }
}
