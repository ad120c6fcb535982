using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

namespace Callgate.Tests
{
    public interface IMirror
    {
        Dictionary<string, string> Metadata();

        Task<string> MetadataLater(string key);

        bool HasTimeLeft(int mostMs);

        void Wait(CancellationToken cancel = default);

        Task WaitLater();

        [RpcNonBlocking]
        void Note();

        string Noted();
    }

    internal sealed class Mirror : IMirror
    {
        private readonly TaskCompletionSource<string> _noted = new TaskCompletionSource<string>();

        public ManualResetEventSlim Begun { get; } = new ManualResetEventSlim();

        public Dictionary<string, string> Metadata() => CurrentCall.Metadata.ToDictionary(entry => entry.Key, entry => entry.Value);

        public async Task<string> MetadataLater(string key)
        {
            string value = CurrentCall.Metadata[key];
            await Task.Yield();
            return value;
        }

        public bool HasTimeLeft(int mostMs) =>
            CurrentCall.TimeLeft is TimeSpan left && left > TimeSpan.Zero && left.TotalMilliseconds <= mostMs;

        public void Wait(CancellationToken cancel)
        {
            Begun.Set();
            cancel.WaitHandle.WaitOne();
            if (!CurrentCall.IsCancelled)
                throw new Exception("nobody cancelled it");
        }

        public Task WaitLater() => Task.Delay(Timeout.Infinite);

        public void Note() => _noted.SetResult(CurrentCall.Metadata["note"]);

        public string Noted() => _noted.Task.Result;
    }

    internal static class OptionsTests
    {
        private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(50);

        [Test]
        private static void MetadataGoesAlongWithCallsOfEveryKind() => With((mirror, _, client) =>
        {
            var options = new CallOptions { Metadata = { ["user"] = "Ada", ["ключ"] = "", ["note"] = "Größe" } };
            IMirror marked = options.For(mirror);
            options.Metadata.Clear();
            Check.Equal(0, mirror.Metadata().Count);
            Dictionary<string, string> seen = marked.Metadata();
            Check.Equal((3, "Ada", "", "Größe"), (seen.Count, seen["user"], seen["ключ"], seen["note"]));
            Check.Equal("Ada", marked.MetadataLater("user").Result);
            marked.Note();
            Check.Equal("Größe", mirror.Noted());
            var untyped = client.CreateProxy(typeof(IMirror).FullName!);
            var one = new CallOptions { Metadata = { ["a"] = "b" } };
            Check.Equal("b", ((Dictionary<object, object?>)one.For(untyped).Call("Metadata")!)["a"]);
        });

        [Test]
        private static void ATimeoutHoldsForTheCallsOfThatProxyAlone() => With((mirror, _, client) =>
        {
            var hasty = new CallOptions { Timeout = Short };
            Check.Throws<CallTimedOutException>(() => hasty.For(mirror).WaitLater().GetAwaiter().GetResult());
            UntypedProxy waiting = hasty.For(client.CreateProxy(typeof(IMirror).FullName!));
            Check.Throws<CallTimedOutException>(() => waiting.Call("WaitLater"));
            Check.That(!mirror.HasTimeLeft(20_000), "the usual time is longer");
            Check.That(new CallOptions { Timeout = TimeSpan.FromSeconds(20) }.For(mirror).HasTimeLeft(20_000), "as was chosen");
        });

        [Test]
        private static void AClientGoesOnToTheNextOfItsAddresses()
        {
            using (Session session = Session.Of<IMirror>(new Mirror()))
            {
                string nobody = "pipe://" + Session.UniquePipe(), addresses = $"{nobody}, pipe://{session.PipeName}";
                foreach (bool shuffle in new[] { false, true })
                {
                    var builder = new ClientBuilder { ShuffleEndpoints = shuffle };
                    using (ReconnectingRpcClient client = builder.Connect(addresses))
                        Check.Equal(0, client.CreateProxy<IMirror>().Metadata().Count);
                }
                Check.Throws<CallgateException>(() => new ClientBuilder().Connect(nobody + ", tcp://nobody"));
            }
        }

        [Test]
        private static void AShortTimeoutEndsTheWaitForAConnection()
        {
            using (ReconnectingRpcClient client = new ClientBuilder().ConnectToNamedPipe(Session.UniquePipe()))
            {
                client.ConnectionTimeoutMs = int.MaxValue;
                IMirror hasty = new CallOptions { Timeout = Short }.For(client.CreateProxy<IMirror>());
                Check.Throws<CallTimedOutException>(() => hasty.Wait());
                Check.Throws<CallTimedOutException>(() => hasty.WaitLater().GetAwaiter().GetResult());
            }
        }

        [Test]
        private static void TokensOfOptionsAndOfArgumentsCancel() => With((mirror, served, _) =>
        {
            foreach (bool isOption in new[] { true, false })
            {
                using (var option = new CancellationTokenSource())
                using (var argument = new CancellationTokenSource())
                {
                    CancellationTokenSource used = isOption ? option : argument;
                    IMirror proxy = new CallOptions { Cancel = option.Token }.For(mirror);
                    served.Begun.Reset();
                    Task canceller = Task.Run(() =>
                    {
                        served.Begun.Wait();
                        used.Cancel();
                    });
                    Check.Equal(used.Token, Check.Throws<CallCancelledException>(() => proxy.Wait(argument.Token)).CancellationToken);
                    canceller.Wait();
                }
            }
        });

        [Test]
        private static void ACallThatWaitsForAConnectionCanBeCancelled()
        {
            using (ReconnectingRpcClient client = new ClientBuilder().ConnectToNamedPipe(Session.UniquePipe()))
            using (var source = new CancellationTokenSource(Short))
            {
                client.ConnectionTimeoutMs = Timeout.Infinite;
                var mirror = client.CreateProxy<IMirror>();
                Check.Equal(Execution.NotRun, Check.Throws<CallCancelledException>(() => mirror.Wait(source.Token)).Execution);
                Task late = new CallOptions { Cancel = source.Token }.For(mirror).WaitLater();
                Check.Throws<CallCancelledException>(() => late.GetAwaiter().GetResult());
                Check.That(late.IsCanceled, "its task is cancelled, not faulted");
                Check.Throws<ArgumentOutOfRangeException>(() => client.ConnectionTimeoutMs = -2);
            }
        }

        [Test]
        private static void OptionsAreForProxiesAndACallIsServedInDelegatesOnly()
        {
            Check.Contains("not a proxy", Check.Throws<ArgumentException>(() => new CallOptions().For("a string")).Message);
            Check.Throws<InvalidOperationException>(() => CurrentCall.Metadata.ToString());
            With((mirror, _, __) =>
            {
                var negative = new CallOptions { Timeout = TimeSpan.FromSeconds(-2) };
                Check.Throws<ArgumentOutOfRangeException>(() => negative.For(mirror));
            });
        }

        private static void With(Action<IMirror, Mirror, ReconnectingRpcClient> test)
        {
            var served = new Mirror();
            using (Session session = Session.Of<IMirror>(served))
                test(session.Client.CreateProxy<IMirror>(), served, session.Client);
        }
    }
}
