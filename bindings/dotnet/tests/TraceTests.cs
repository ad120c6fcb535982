using System;
using System.IO;
using System.Text;

namespace Callgate.Tests
{
    /// <summary>Recordings of what passes.</summary>
    internal static class TraceTests
    {
        /// <summary>What the host below returns, as it is encoded: four characters.</summary>
        private const string Result = "\u00a4here";

        [Test]
        private static void AHostAndAClientRecord()
        {
            string folder = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
            Directory.CreateDirectory(folder);
            try
            {
                string host = Path.Combine(folder, "host"), client = Path.Combine(folder, "client");
                Record(new ConnectionTrace(host) { Payloads = true }, new ConnectionTrace(client) { Limit = 1 << 20 });
                Check.That(Recorded(host).Contains(Result), "the host records results");
                Check.That(Recorded(client).Contains("IAliased"), "the client records names");
                Check.That(!Recorded(client).Contains(Result), "the client records no results");
                CallgateException refused = Check.Throws<CallgateException>(() => Record(new ConnectionTrace(host), null));
                Check.Contains("cannot create the trace", refused.Message);
            }
            finally
            {
                Directory.Delete(folder, true);
            }
        }

        private static void Record(ConnectionTrace host, ConnectionTrace? client)
        {
            using (var session = new Session(
                it =>
                {
                    it.Trace = host;
                    it.AddDelegateFactory(type => type == typeof(IAliased) ? new Aliased() : null);
                },
                it => it.Trace = client))
                Check.Equal("here", session.Client.CreateProxy<IAliased>().Where());
        }

        // On Windows, the file may stay open for a moment after it is complete.
        private static string Recorded(string file)
        {
            using (var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite))
            using (var reader = new StreamReader(stream, Encoding.GetEncoding("iso-8859-1"), false))
                return reader.ReadToEnd();
        }
    }
}
