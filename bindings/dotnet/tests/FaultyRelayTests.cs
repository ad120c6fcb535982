using System;
using Callgate.Testing;

namespace Callgate.Tests
{
    /// <summary>Relays that spoil connections on purpose.</summary>
    internal static class FaultyRelayTests
    {
        [Test]
        private static void ACutConnectionFailsOneCall()
        {
            string pipe = Session.UniquePipe(), line = "pipe://" + Session.UniquePipe();
            var host = new ServiceHostBuilder();
            host.AddEndpoint(new NamedPipeEndpoint(pipe));
            host.AddDelegateFactory(type => type == typeof(IAliased) ? new Aliased() : null);
            var faults = new Faults { Seed = 9, Cut = new FaultPositions(200, 2000), Connections = 1 };
            using (host.Create())
            using (var relay = new FaultyRelay(line, "pipe://" + pipe, faults))
            using (IRpcClient client = new ClientBuilder().ConnectToNamedPipe(relay.Endpoint.Substring("pipe://".Length)))
            {
                Check.Equal(line, relay.Endpoint);
                var proxy = client.CreateProxy<IAliased>();
                int failed = 0;
                for (int i = 0; i < 100; i++)
                {
                    try
                    {
                        Check.Equal("here", proxy.Where());
                    }
                    catch (ChannelFaultedException)
                    {
                        failed++;
                    }
                }
                Check.Equal(1, failed);
                Check.Equal(2L, relay.Connections);
                relay.SetFaults(new Faults { ByteWise = true, Delay = TimeSpan.FromTicks(500) });
                relay.Cut();
                try
                {
                    proxy.Where();
                }
                catch (ChannelFaultedException)
                {
                }
                Check.Equal("here", proxy.Where());
                Check.Equal(3L, relay.Connections);
            }
        }

        [Test]
        private static void MalformedFaultsAreRejected()
        {
            Check.Throws<ArgumentException>(() => new FaultPositions(2, 1));
            Check.Throws<ArgumentException>(() => new FaultyRelay("pipe://a", "pipe://b", new Faults { Connections = 0 }));
            Check.Throws<CallgateException>(() => new FaultyRelay("nonsense", "pipe://b"));
        }
    }
}
