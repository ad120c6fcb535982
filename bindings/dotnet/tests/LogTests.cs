using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;

namespace Callgate.Tests
{
    /// <summary>What a log says about its events beside the sentence.</summary>
    internal static class LogTests
    {
        /// <summary>A logger with the shape of Microsoft.Extensions.Logging.ILogger.</summary>
        private sealed class Logger
        {
            private readonly BlockingCollection<string> _lines = new BlockingCollection<string>();

            public void Log<TState>(
                Severity level, EventId id, TState state, Exception? failure, Func<TState, Exception?, string> format)
            {
                var fields = (IReadOnlyList<KeyValuePair<string, object?>>)state!;
                _lines.Add($"{level}: {format(state, failure)} [{string.Join(", ", fields.Select(it => it.Key))}]");
            }

            public string With(string words) => _lines.GetConsumingEnumerable().First(line => line.Contains(words));
        }

        private enum Severity
        {
            Trace,
            Debug,
            Information,
            Warning,
            Error,
        }

        private readonly struct EventId
        {
        }

        [Test]
        private static void EventsSayWhatTheyAreAbout()
        {
            var atHost = new BlockingCollection<LogEvent>();
            var atClient = new BlockingCollection<LogEvent>();
            using (var session = new Session(
                host =>
                {
                    host.Log = atHost.Add;
                    host.AddDelegateFactory(type => type == typeof(IAliased) ? new Aliased() : null);
                },
                client => client.Log = atClient.Add))
            {
                session.Client.CreateProxy<IAliased>().Where();
                LogEvent begun = With(atClient, " began");
                Check.Equal(LogLevel.Info, begun.Level);
                Check.Equal("callgate::client", begun.Target);
                Check.That(begun.Endpoint!.StartsWith("pipe://"), begun.Endpoint);
                Check.Equal((long?)Process.GetCurrentProcess().Id, begun.PeerProcessId);
                Check.That(begun.Method == null && begun.Status == null && begun.Count == null, "they do not apply");
                session.Client.Dispose();
                LogEvent ended = With(atHost, " ended: ");
                Check.Equal(begun.ConnectionId, ended.ConnectionId);
                Check.That(ended.Status != null, "why it ended");
                Check.Equal("callgate::connection", ended.Target);
            }
        }

        [Test]
        private static void ALogEventIsTheStateOfAStructuredLogger()
        {
            var logger = new Logger();
            using (var session = new Session(
                host => host.AddDelegateFactory(type => type == typeof(IAliased) ? new Aliased() : null),
                client => client.Log = it =>
                    logger.Log((Severity)it.ExtensionsLevel, default, it, null, LogEvent.Format)))
            {
                session.Client.CreateProxy<IAliased>().Where();
                string line = logger.With(" began");
                Check.That(line.StartsWith("Information: connection "), line);
                Check.Contains("[Target, ConnectionId, Endpoint, PeerUser, PeerProcessId]", line);
            }
        }

        private static LogEvent With(BlockingCollection<LogEvent> events, string words) =>
            events.GetConsumingEnumerable().First(it => it.Message.Contains(words));
    }
}
