using System;
using Callgate.Abi;

namespace Callgate
{
    /// <summary>
    /// What a host or client allows its peers, and how long it waits. Null means the default, given in brackets, which
    /// suits most programs.
    /// </summary>
    public sealed class Limits
    {
        /// <summary>The largest frame; a frame holds one call or reply [64 MiB of payload plus 64 KiB].</summary>
        public long? FrameBytes { get; set; }

        /// <summary>How many bytes of calls without a reply a peer may have sent, per connection [two frames].</summary>
        public long? InboundBytes { get; set; }

        /// <summary>
        /// The same for all connections of a host together, large frames that are still arriving included [512 MiB].
        /// A quarter is divided evenly among the connections; of the rest, a connection gets at most half of what the
        /// others leave.
        /// </summary>
        public long? HostInboundBytes { get; set; }

        /// <summary>How many calls without a reply, one-way calls included, a peer may have sent [2048].</summary>
        public int? InboundCalls { get; set; }

        /// <summary>
        /// How many calls may run at once on one connection, nested calls not counted [16]. On all connections of a host
        /// or client together at most 2,048 run on threads of their own; more are refused.
        /// </summary>
        public int? RunningCalls { get; set; }

        /// <summary>
        /// How many nested calls may run at once on one connection, in addition to <see cref="RunningCalls"/> [256].
        /// </summary>
        public int? NestedCalls { get; set; }

        /// <summary>How deep calls may nest: a call made while serving a call, and so on [64].</summary>
        public int? NestingDepth { get; set; }

        /// <summary>
        /// How many interfaces one connection may serve [256]. The same number of unknown names is remembered; beyond
        /// that, the delegate factories are asked again for every call to an unknown name.
        /// </summary>
        public int? Interfaces { get; set; }

        /// <summary>How many connections a host may have, those included that ended while their calls run [1024].</summary>
        public int? Connections { get; set; }

        /// <summary>How many connections one user, or one TCP address, may have to a host [256].</summary>
        public int? ConnectionsPerUser { get; set; }

        /// <summary>How many unfinished handshakes a host may have; one more drops the oldest [64].</summary>
        public int? Handshakes { get; set; }

        /// <summary>How many bytes may wait to be sent on one connection before senders block [1 MiB].</summary>
        public long? SendQueueBytes { get; set; }

        /// <summary>The time limit for connecting and the handshake together [10 s].</summary>
        public TimeSpan? HandshakeTimeout { get; set; }

        /// <summary>How long a call waits for a connection [6 s].</summary>
        public TimeSpan? ConnectionTimeout { get; set; }

        /// <summary>
        /// How long a call may take, all waiting included [30 s]; <see cref="System.Threading.Timeout.InfiniteTimeSpan"/>:
        /// no limit.
        /// </summary>
        public TimeSpan? CallTimeout { get; set; }

        /// <summary>
        /// How long a peer may take to read 512 KiB of what waits to be sent, or all of it if less waits, before the
        /// connection is closed; also how long it may leave a frame incomplete without sending 16 KiB more of it [30 s].
        /// </summary>
        public TimeSpan? WriteTimeout { get; set; }

        /// <summary>
        /// How long closing waits for running delegates [5 s]; also how long, at least a second, a peer may keep its
        /// connection after it has said that it closes, while no call waits for its reply.
        /// </summary>
        public TimeSpan? DrainTimeout { get; set; }

        /// <summary>
        /// Over TCP a hung peer looks like a silent one. A side that has waited this long for replies, and received
        /// nothing at all, pings the peer [30 s]; <see cref="System.Threading.Timeout.InfiniteTimeSpan"/>: never.
        /// </summary>
        public TimeSpan? PingAfter { get; set; }

        /// <summary>How long after a ping a side may receive nothing before it ends the connection [20 s].</summary>
        public TimeSpan? PingTimeout { get; set; }

        /// <summary>
        /// The longest time that a thread spins while it waits for a message, before it sleeps. Spins happen only where
        /// they pay [twice the cost of sleeping and waking, which the process measures: tens of microseconds]. Zero:
        /// never.
        /// </summary>
        public TimeSpan? Spin { get; set; }

        /// <summary>
        /// The shortest pause between attempts to connect [10 ms; over TCP 100 ms]. Set it together with the longest.
        /// </summary>
        public TimeSpan? ReconnectBackoffMin { get; set; }

        /// <summary>
        /// The longest pause between attempts to connect [1 s; over TCP 30 s]. Pauses grow with each failure, and start
        /// from the shortest again after a connection that served calls or lasted this long.
        /// </summary>
        public TimeSpan? ReconnectBackoffMax { get; set; }

        /// <summary>
        /// Whether large frames are sent in parts, if the peer agrees, with small frames in between. If not, small frames
        /// wait behind them.
        /// </summary>
        public bool Parts { get; set; } = true;

        internal unsafe NativeLimits ToNative() => new NativeLimits
        {
            StructSize = (UIntPtr)sizeof(NativeLimits),
            FrameBytes = Size(FrameBytes),
            InboundBytes = Size(InboundBytes),
            HostInboundBytes = Size(HostInboundBytes),
            InboundCalls = Size(InboundCalls),
            RunningCalls = Size(RunningCalls),
            NestedCalls = Size(NestedCalls),
            NestingDepth = Size(NestingDepth),
            Interfaces = Size(Interfaces),
            Connections = Size(Connections),
            ConnectionsPerUser = Size(ConnectionsPerUser),
            Handshakes = Size(Handshakes),
            SendQueueBytes = Size(SendQueueBytes),
            HandshakeTimeoutMs = Timeouts.ToNative(HandshakeTimeout),
            ConnectionTimeoutMs = Timeouts.ToNative(ConnectionTimeout),
            CallTimeoutMs = Timeouts.ToNative(CallTimeout),
            WriteTimeoutMs = Timeouts.ToNative(WriteTimeout),
            DrainTimeoutMs = Timeouts.ToNative(DrainTimeout),
            PingAfterMs = Timeouts.ToNative(PingAfter),
            PingTimeoutMs = Timeouts.ToNative(PingTimeout),
            SpinUs = Spin == null ? 0 : Spin == TimeSpan.Zero ? -1 : Math.Max(1, Spin.Value.Ticks / 10),
            ReconnectBackoffMinMs = Timeouts.ToNative(ReconnectBackoffMin),
            ReconnectBackoffMaxMs = Timeouts.ToNative(ReconnectBackoffMax),
            NoParts = Parts ? (byte)0 : (byte)1,
        };

        private static UIntPtr Size(long? value) =>
            value > 0 || value == null
                ? (UIntPtr)(ulong)(value ?? 0)
                : throw new ArgumentOutOfRangeException(nameof(value), value, "A limit must be more than 0.");
    }

    internal static class Timeouts
    {
        /// <summary>A timeout as C represents it: null means the default, and zero means not to wait.</summary>
        public static long ToNative(TimeSpan? timeout)
        {
            if (timeout == null)
                return 0;
            if (timeout == System.Threading.Timeout.InfiniteTimeSpan)
                return -1;
            if (timeout < TimeSpan.Zero)
                throw new ArgumentOutOfRangeException(
                    nameof(timeout), timeout, "A timeout must not be negative, except Timeout.InfiniteTimeSpan.");
            return timeout == TimeSpan.Zero ? -2 : (long)Math.Ceiling(timeout.Value.TotalMilliseconds);
        }
    }
}
