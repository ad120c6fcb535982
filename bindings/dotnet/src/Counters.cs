using System.Collections.Generic;

namespace Callgate
{
    /// <summary>
    /// What a host or client has counted since it was created. Counting is always on. Numbers that are read at one moment
    /// may differ by calls in progress.
    /// </summary>
    public sealed class Counters
    {
        internal Counters(CounterValues values)
        {
            Connections = values.Number("connections");
            ConnectionsEstablished = values.Number("connections_established");
            ConnectionsFailed = values.Number("connections_failed");
            BytesReceived = values.Number("bytes_received");
            BytesSent = values.Number("bytes_sent");
            BytesQueued = values.Number("bytes_queued");
            Made = new CallCounters(values.Map("made"));
            Served = new CallCounters(values.Map("served"));
        }

        /// <summary>The number of connections that are open now.</summary>
        public long Connections { get; }

        /// <summary>The number of connections that have been established.</summary>
        public long ConnectionsEstablished { get; }

        /// <summary>
        /// A host: the number of connections that were refused or whose handshake failed. A client: the number of
        /// attempts to connect that failed.
        /// </summary>
        public long ConnectionsFailed { get; }

        /// <summary>The number of bytes received, without handshakes.</summary>
        public long BytesReceived { get; }

        /// <summary>The number of bytes handed to the operating system, without handshakes.</summary>
        public long BytesSent { get; }

        /// <summary>The number of bytes that wait to be sent now.</summary>
        public long BytesQueued { get; }

        /// <summary>The calls that this side makes. A host makes the calls of callbacks.</summary>
        public CallCounters Made { get; }

        /// <summary>The calls that this side serves. A client serves callbacks.</summary>
        public CallCounters Served { get; }
    }

    /// <summary>The calls of one direction.</summary>
    public sealed class CallCounters
    {
        internal CallCounters(CounterValues values)
        {
            Calls = values.Number("calls");
            OneWay = values.Number("one_way");
            InFlight = values.Number("in_flight");
            Errors = values.Errors("errors");
            Latencies = new Latencies(values.Buckets("latencies"));
        }

        /// <summary>
        /// The number of calls with a reply. Made: those for which there was a connection. Served: those to which
        /// delegates have replied.
        /// </summary>
        public long Calls { get; }

        /// <summary>
        /// The number of one-way calls. Made: those given to a connection. Served: those that have returned or were
        /// refused.
        /// </summary>
        public long OneWay { get; }

        /// <summary>The number of calls without a reply now.</summary>
        public long InFlight { get; }

        /// <summary>How many calls ended with each status; only those that occurred.</summary>
        public IReadOnlyDictionary<Status, long> Errors { get; }

        /// <summary>
        /// How long calls with a reply took: the first of each connection, and then one in 17, the same on both sides.
        /// </summary>
        public Latencies Latencies { get; }
    }
}
