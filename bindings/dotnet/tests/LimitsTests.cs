using System;
using System.IO;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Callgate.Tests
{
    /// <summary>The effect of limits on a client's handshake.</summary>
    internal static class LimitsTests
    {
        [Test]
        private static void LargeFramesTravelInPartsUnlessLimitsSayNo()
        {
            Check.That(Hello(limits => { }).Contains("parts"), "parts are offered by default");
            Check.That(!Hello(limits => limits.Parts = false).Contains("parts"), "parts are not offered");
        }

        /// <summary>The first bytes that a client sends to its host.</summary>
        private static string Hello(Action<Limits> set)
        {
            var listener = new TcpListener(IPAddress.Loopback, 0);
            listener.Start();
            try
            {
                var builder = new ClientBuilder();
                set(builder.Limits);
                using (builder.ConnectToTcpSocket("127.0.0.1", ((IPEndPoint)listener.LocalEndpoint).Port))
                using (TcpClient stream = listener.AcceptTcpClient())
                using (var reader = new BinaryReader(stream.GetStream()))
                    return Encoding.ASCII.GetString(reader.ReadBytes(reader.ReadInt32()));
            }
            finally
            {
                listener.Stop();
            }
        }
    }
}
