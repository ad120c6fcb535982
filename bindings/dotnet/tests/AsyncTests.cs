using System;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

namespace Callgate.Tests
{
    public interface ISlow
    {
        Task<int> Double(int number);

        Task Nothing();

        Task<string> Hold(CancellationToken cancel = default);

        string HoldHere(int number, CancellationToken cancel);

        string WhatBecame();

        Task<int> NoTask();
    }

    internal sealed class Slow : ISlow
    {
        private readonly TaskCompletionSource<string> _became =
            new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);

        public ManualResetEventSlim Begun { get; } = new ManualResetEventSlim();

        public async Task<int> Double(int number)
        {
            await Task.Yield();
            return 2 * number;
        }

        public Task Nothing() => Task.CompletedTask;

        public async Task<string> Hold(CancellationToken cancel)
        {
            Begun.Set();
            try
            {
                await Task.Delay(Timeout.Infinite, cancel);
            }
            catch (OperationCanceledException)
            {
                _became.TrySetResult("cancelled");
            }
            return "";
        }

        public string HoldHere(int number, CancellationToken cancel)
        {
            Begun.Set();
            cancel.WaitHandle.WaitOne();
            _became.TrySetResult("cancelled here");
            return "";
        }

        public string WhatBecame() => _became.Task.Result;

        public Task<int> NoTask() => null!;
    }

#if NETCOREAPP
    public interface ISwift
    {
        ValueTask<int> Double(int number, bool isLate);

        ValueTask Nothing(CancellationToken cancel = default);
    }

    internal sealed class Swift : ISwift
    {
        public ValueTask<int> Double(int number, bool isLate) =>
            isLate ? new ValueTask<int>(Task.Run(() => 2 * number)) : new ValueTask<int>(2 * number);

        public ValueTask Nothing(CancellationToken cancel) => new ValueTask(Task.Delay(Timeout.Infinite, cancel));
    }
#endif

#if NETCOREAPP
    public interface IClosable : IAsyncDisposable
    {
        int Number();
    }

    internal sealed class Closable : IClosable
    {
        public bool IsDisposed { get; private set; }

        public int Number() => 5;

        public ValueTask DisposeAsync()
        {
            IsDisposed = true;
            return default;
        }
    }
#endif

    internal static class AsyncTests
    {
#if NETCOREAPP
        [Test]
        private static void AProxysDisposeAsyncIsItsOwn()
        {
            var served = new Closable();
            using (Session session = Session.Of<IClosable>(served))
            {
                IClosable closable = session.Client.CreateProxy<IClosable>();
                Check.Equal(5, closable.Number());
                Check.That(closable.DisposeAsync().IsCompletedSuccessfully, "it does not wait");
                Check.Throws<ObjectDisposedException>(() => closable.Number());
                Check.Throws<ContractMismatchException>(
                    () => session.Client.CreateProxy(typeof(IClosable).FullName!).Call("DisposeAsync"));
                Check.That(!served.IsDisposed, "nobody disposes the delegate");
            }
        }

        [Test]
        private static void ValueTasksAreTasks()
        {
            using (Session session = Session.Of<ISwift>(new Swift()))
            using (var source = new CancellationTokenSource(50))
            {
                var swift = session.Client.CreateProxy<ISwift>();
                Check.Equal((42, 42), (swift.Double(21, true).Result, swift.Double(21, false).Result));
                Check.Throws<CallCancelledException>(() => swift.Nothing(source.Token).GetAwaiter().GetResult());
            }
        }
#endif

        [Test]
        private static void TasksRunSideBySide()
        {
            using (Session session = Session.Of<ISlow>(new Slow()))
            {
                var slow = session.Client.CreateProxy<ISlow>();
                Task<int>[] started = Enumerable.Range(0, 500).Select(slow.Double).ToArray();
                Task.WaitAll(started);
                Check.Same(Enumerable.Range(0, 500).Select(number => 2 * number), started.Select(task => task.Result));
                slow.Nothing().Wait();
                Check.Throws<InvalidOperationException>(() => slow.NoTask().GetAwaiter().GetResult());
            }
        }

        [Test]
        private static void ACancelledTaskTellsItsDelegate() => Cancelled(
            (slow, token) => slow.Hold(token).GetAwaiter().GetResult(), "cancelled");

        [Test]
        private static void ACancelledCallTellsItsDelegate() => Cancelled(
            (slow, token) => slow.HoldHere(1, token), "cancelled here");

        [Test]
        private static void AClientThatLeavesCancelsItsCalls()
        {
            var served = new Slow();
            using (Session session = Session.Of<ISlow>(served))
            using (IRpcClient other = session.Connect())
            {
                Task held = session.Client.CreateProxy<ISlow>().Hold();
                served.Begun.Wait();
                session.Client.Dispose();
                Check.Throws<ChannelClosedException>(() => held.GetAwaiter().GetResult());
                Check.Equal("cancelled", other.CreateProxy<ISlow>().WhatBecame());
            }
        }

        private static void Cancelled(Action<ISlow, CancellationToken> call, string became)
        {
            var served = new Slow();
            using (Session session = Session.Of<ISlow>(served))
            using (var source = new CancellationTokenSource())
            {
                var slow = session.Client.CreateProxy<ISlow>();
                Task canceller = Task.Run(() =>
                {
                    served.Begun.Wait();
                    source.Cancel();
                });
                var thrown = Check.Throws<CallCancelledException>(() => call(slow, source.Token));
                Check.Equal(source.Token, thrown.CancellationToken);
                Check.Equal(became, slow.WhatBecame());
                Check.Equal(Execution.NotRun, Check.Throws<CallCancelledException>(() => call(slow, source.Token)).Execution);
                canceller.Wait();
            }
        }
    }
}
