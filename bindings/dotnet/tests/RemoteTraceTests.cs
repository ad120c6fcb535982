using System;
using System.Threading.Tasks;

namespace Callgate.Tests
{
    public interface IFaulty
    {
        void Fail();

        Task FailLater();

        void Relay();

        void Provoke();
    }

    public interface IBroken
    {
        void Call();
    }

    public interface IFaultyCallback
    {
        void Fail();
    }

    internal sealed class Faulty : IFaulty, IFaultyCallback
    {
        private readonly IFaultyCallback? _callback;

        public Faulty(IFaultyCallback? callback = null) => _callback = callback;

        public void Fail() => throw new InvalidOperationException("no more");

        public async Task FailLater()
        {
            await Task.Yield();
            Fail();
        }

        public void Relay() => throw new RemoteException("a.B", "no more", "at Faulty.Relay");

        public void Provoke() => _callback!.Fail();
    }

    /// <summary>A stack trace shows the sender's code, so it is sent only if the sender asks for that.</summary>
    internal static class RemoteTraceTests
    {
        [Test]
        private static void NoTraceIsSentByDefault()
        {
            foreach (string trace in Traces(false))
                Check.Equal("", trace);
        }

        [Test]
        private static void HostsAndClientsThatAskForItSendTraces()
        {
            string[] traces = Traces(true);
            Check.Contains("Faulty.Fail", traces[0]);
            Check.Contains("Faulty.Fail", traces[1]);
            Check.Contains("Faulty.Provoke", traces[2]);
            Check.Equal("at Faulty.Relay", traces[3]);
            Check.Contains("BrokenFactory", traces[4]);
        }

        /// <summary>What the client gets of a method, an async one, a callback, a relayed error and a factory.</summary>
        private static string[] Traces(bool remoteTraces)
        {
            void Serve(ServiceHostBuilder host)
            {
                host.RemoteTraces = remoteTraces;
                host.AddDuplexDelegateFactory<IFaulty, IFaultyCallback>(callback => new Faulty(callback));
                host.AddDelegateFactory(BrokenFactory);
            }
            void Call(ClientBuilder client)
            {
                client.RemoteTraces = remoteTraces;
                client.AddCallbackHandler<IFaultyCallback>(new Faulty());
            }
            using (var session = new Session(Serve, Call))
            {
                var faulty = session.Client.CreateProxy<IFaulty>();
                var broken = session.Client.CreateProxy<IBroken>();
                return new[]
                {
                    TraceOf(faulty.Fail),
                    TraceOf(() => faulty.FailLater().GetAwaiter().GetResult()),
                    TraceOf(faulty.Provoke),
                    TraceOf(faulty.Relay),
                    TraceOf(broken.Call),
                };
            }
        }

        private static object? BrokenFactory(Type type) =>
            type == typeof(IBroken) ? throw new InvalidOperationException("no more") : (object?)null;

        private static string TraceOf(Action call)
        {
            try
            {
                call();
            }
            catch (Exception failure)
            {
                Check.Equal("no more", failure.Message);
                return failure is RemoteException remote ? remote.RemoteTrace : failure.GetRemoteTrace();
            }
            throw new InvalidOperationException("the call succeeded");
        }
    }
}
