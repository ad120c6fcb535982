using System;
using System.Threading;
using System.Threading.Tasks;

namespace Callgate.Tests
{
    public interface IHalfDone
    {
        int ByToken(CancellationToken cancel = default);

        int ByLooking();

        Task<int> Later(CancellationToken cancel = default);
    }

    /// <summary>Stops as soon as the caller no longer waits, and returns what it has.</summary>
    internal sealed class HalfDone : IHalfDone
    {
        public int ByToken(CancellationToken cancel)
        {
            cancel.WaitHandle.WaitOne();
            return -1;
        }

        public int ByLooking()
        {
            while (!CurrentCall.IsCancelled)
                Thread.Yield();
            return -1;
        }

        public async Task<int> Later(CancellationToken cancel)
        {
            var cancelled = new TaskCompletionSource<int>();
            using (cancel.Register(() => cancelled.SetResult(-1)))
                return await cancelled.Task;
        }
    }

    /// <summary>Once a delegate can know that its caller no longer waits, the caller does not get its result.</summary>
    internal static class WholeResultTests
    {
        [Test]
        private static void AHalfDoneResultNeverArrives()
        {
            using (Session session = Session.Of<IHalfDone>(new HalfDone()))
            {
                var proxy = session.Client.CreateProxy<IHalfDone>();
                IHalfDone hasty = new CallOptions { Timeout = TimeSpan.FromMilliseconds(20) }.For(proxy);
                for (int i = 0; i < 20; i++)
                {
                    Refused(() => hasty.ByToken());
                    Refused(() => hasty.ByLooking());
                    Refused(() => hasty.Later().GetAwaiter().GetResult());
                }
            }
        }

        private static void Refused(Func<int> call)
        {
            try
            {
                int result = call();
                throw new Exception($"{result} arrived as a result");
            }
            catch (CallTimedOutException)
            {
            }
        }
    }
}
