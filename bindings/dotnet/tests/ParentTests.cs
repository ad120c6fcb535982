using System;
using System.Threading;
using System.Threading.Tasks;

namespace Callgate.Tests
{
    public interface IUp
    {
        Task<int> Climb(int levels);

        Task<int> CallBack();

        Task<int> CallBackFromAThread();

        Task GoOn(bool isLate);
    }

    public interface IDown
    {
        Task<int> Climb(int levels);

        int One();

        Task<int> Two();

        [RpcNonBlocking]
        void Tell();

        void Hold();
    }

    internal sealed class Up : IUp
    {
        private readonly IDown _down;

        public Up(IDown down) => _down = down;

        public static ManualResetEventSlim Answered { get; set; } = null!;

        public static Task<Status> WentOn { get; private set; } = null!;

        public async Task<int> Climb(int levels)
        {
            await Task.Yield();
            return levels == 0 ? 0 : 1 + await _down.Climb(levels - 1).ConfigureAwait(false);
        }

        public async Task<int> CallBack()
        {
            await Task.Yield();
            _down.Tell();
            int first = _down.One() + await _down.Two().ConfigureAwait(false);
            return first + await Task.Run(_down.One).ConfigureAwait(false);
        }

        public Task<int> CallBackFromAThread()
        {
            int answer = 0;
            var thread = new Thread(() => answer = _down.One());
            thread.Start();
            thread.Join();
            return Task.FromResult(answer);
        }

        public async Task GoOn(bool isLate)
        {
            if (isLate)
                await Task.Yield();
            WentOn = Task.Run(() =>
            {
                Answered.Wait();
                return ParentTests.StatusOf(_down);
            });
        }
    }

    internal sealed class Down : IDown
    {
        public IUp? Up { get; set; }

        public SemaphoreSlim Told { get; } = new SemaphoreSlim(0);

        public SemaphoreSlim Holding { get; } = new SemaphoreSlim(0);

        public ManualResetEventSlim Released { get; } = new ManualResetEventSlim();

        public async Task<int> Climb(int levels)
        {
            await Task.Yield();
            return levels == 0 ? 0 : 1 + await Up!.Climb(levels - 1).ConfigureAwait(false);
        }

        public int One() => 1;

        public async Task<int> Two()
        {
            await Task.Yield();
            return 2;
        }

        public void Tell() => Told.Release();

        public void Hold()
        {
            Holding.Release();
            Released.Wait();
        }
    }

    internal static class ParentTests
    {
        [Test]
        private static void TasksKnowHowDeepTheyAre() => With((up, down, _) =>
        {
            Check.Equal(32, up.Climb(32).Result);
            var refused = Check.Throws<RemoteException>(() => up.Climb(80).GetAwaiter().GetResult());
            Check.Contains("deep", refused.Message);
        });

        [Test]
        private static void TasksCallBackWhileAllSlotsAreTaken() => With((up, down, callback) =>
        {
            Task held = Taken(down, callback);
            Check.Equal(4, up.CallBack().Result);
            down.Told.Wait();
            Check.Equal(1, up.CallBackFromAThread().Result);
            down.Released.Set();
            held.Wait();
        });

        [Test]
        private static void ATaskThatGoesOnAfterTheAnswerIsInNoCall() => With((up, down, callback) =>
        {
            Task held = Taken(down, callback);
            foreach (bool isLate in new[] { false, true })
            {
                Up.Answered = new ManualResetEventSlim();
                up.GoOn(isLate).Wait();
                Up.Answered.Set();
                Check.Equal(Status.TimedOut, Up.WentOn.Result);
            }
            down.Released.Set();
            held.Wait();
        });

        /// <summary>The outcome of a call with a short timeout.</summary>
        public static Status StatusOf(IDown down)
        {
            try
            {
                new CallOptions { Timeout = TimeSpan.FromMilliseconds(20) }.For(down).One();
                return Status.Ok;
            }
            catch (CallgateException failure)
            {
                return failure.Status;
            }
        }

        /// <summary>Takes the client's only slot: other calls wait until this task has ended.</summary>
        private static Task Taken(Down down, IDown callback)
        {
            Task held = Task.Run(callback.Hold);
            down.Holding.Wait();
            Check.Equal(Status.TimedOut, StatusOf(callback));
            return held;
        }

        private static void With(Action<IUp, Down, IDown> test)
        {
            var down = new Down();
            IDown? callback = null;
            using (var session = new Session(
                host => host.AddDuplexDelegateFactory<IUp, IDown>(given => new Up(callback = given)),
                client =>
                {
                    client.Limits.RunningCalls = 1;
                    client.AddCallbackHandler<IDown>(down);
                }))
            {
                IUp up = down.Up = session.Client.CreateProxy<IUp>();
                Check.Equal(0, up.Climb(0).Result);
                test(up, down, callback!);
            }
        }
    }
}
