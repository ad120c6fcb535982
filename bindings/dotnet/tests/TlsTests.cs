using System;
using System.Collections.Concurrent;
using System.IO;

namespace Callgate.Tests
{
    /// <summary>Hosts and clients over TLS.</summary>
    internal static class TlsTests
    {
        private const string Key = "sha256:27a0224bcca58ad93973090ee3e0865291ab6f7340c7a9514fb967d2e6e6b022";

        private static string File(string name) => Path.Combine(AppDomain.CurrentDomain.BaseDirectory!, name);

        [Test]
        private static void PeersAreKnownByTheirCertificates()
        {
            var connected = new BlockingCollection<Connection>();
            var host = new ServiceHostBuilder();
            // Both sides have the same key.
            string options = $"certificate={File("test.pem")}&key={File("test.key")}&trust={Key}";
            host.AddEndpoint(new AddressEndpoint("tls://127.0.0.1:0?" + options));
            host.AddEndpoint(new NamedPipeEndpoint(Session.UniquePipe()));
            host.AddClientConnectedHandler(args => connected.Add((Connection)args.Connection));
            using (ServiceHost running = host.Create())
            {
                using (new ClientBuilder().Connect(running.Endpoints[0]))
                {
                    Connection peer = connected.Take();
                    Check.Equal(Key, peer.PeerKey);
                    Check.Equal("A test", peer.PeerCommonName);
                    Check.Equal("tests.example, other.example, urn:callgate:tests", string.Join(", ", peer.PeerNames));
                }
                using (new ClientBuilder().Connect(running.Endpoints[1]))
                {
                    Connection peer = connected.Take();
                    Check.Equal("", peer.PeerKey + peer.PeerCommonName);
                    Check.Equal(0, peer.PeerNames.Count);
                }
            }
        }
    }
}
