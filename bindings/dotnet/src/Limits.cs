using System;
using Callgate.Abi;

namespace Callgate
{
    /// <summary>
    /// What a host or client allows its peers, and how long it waits. Null is the default, which is right
    /// for most programs; include/callgate.h gives the numbers.
    /// </summary>
    public sealed class Limits
    {
        /// <summary>The largest frame, which holds one call or answer.</summary>
        public long? FrameBytes { get; set; }

        /// <summary>Bytes of calls a peer may have sent that are not answered, per connection.</summary>
        public long? InboundBytes { get; set; }

        /// <summary>The same for all connections of a host together.</summary>
        public long? HostInboundBytes { get; set; }

        /// <summary>Calls a peer may have sent that are not answered.</summary>
        public int? InboundCalls { get; set; }

        /// <summary>Calls running at once on one connection that no other call is waiting for.</summary>
        public int? RunningCalls { get; set; }

        /// <summary>Nested calls running at once on one connection.</summary>
        public int? NestedCalls { get; set; }

        /// <summary>Levels of calls within calls within calls.</summary>
        public int? NestingDepth { get; set; }

        /// <summary>Interfaces asked for on one connection, unknown ones included.</summary>
        public int? Interfaces { get; set; }

        /// <summary>Connections of one host.</summary>
        public int? Connections { get; set; }

        /// <summary>Connections of one user to one host.</summary>
        public int? ConnectionsPerUser { get; set; }

        /// <summary>Connections whose handshake is under way.</summary>
        public int? Handshakes { get; set; }

        /// <summary>Bytes waiting to be sent on one connection before senders wait for room.</summary>
        public long? SendQueueBytes { get; set; }

        /// <summary>The whole handshake, connecting included.</summary>
        public TimeSpan? HandshakeTimeout { get; set; }

        /// <summary>How long a call waits for a connection.</summary>
        public TimeSpan? ConnectionTimeout { get; set; }

        /// <summary>How long a call takes at most; <see cref="System.Threading.Timeout.InfiniteTimeSpan"/>: no limit.</summary>
        public TimeSpan? CallTimeout { get; set; }

        /// <summary>A connection whose peer reads nothing for so long ends.</summary>
        public TimeSpan? WriteTimeout { get; set; }

        /// <summary>How long closing waits for running delegates.</summary>
        public TimeSpan? DrainTimeout { get; set; }

        /// <summary>Over TCP, how long nothing may come from a peer, while calls wait for its answers, before it is pinged,
        /// since one that hangs looks like one that is silent; <see cref="System.Threading.Timeout.InfiniteTimeSpan"/>: never.</summary>
        public TimeSpan? PingAfter { get; set; }

        /// <summary>How long after a ping nothing may come before the connection ends.</summary>
        public TimeSpan? PingTimeout { get; set; }

        /// <summary>The longest time for which a waiting thread spins before it sleeps, where that pays; zero: never. By
        /// default twice what sleeping and being woken costs, which the process measures.</summary>
        public TimeSpan? Spin { get; set; }

        /// <summary>The shortest pause between attempts to connect. Set it together with the longest.</summary>
        public TimeSpan? ReconnectBackoffMin { get; set; }

        /// <summary>The longest pause between attempts to connect.</summary>
        public TimeSpan? ReconnectBackoffMax { get; set; }

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
        };

        private static UIntPtr Size(long? value) =>
            value > 0 || value == null
                ? (UIntPtr)(ulong)(value ?? 0)
                : throw new ArgumentOutOfRangeException(nameof(value), value, "A limit is more than 0.");
    }

    internal static class Timeouts
    {
        /// <summary>As C has it: null is the default, zero not to wait at all.</summary>
        public static long ToNative(TimeSpan? timeout)
        {
            if (timeout == null)
                return 0;
            if (timeout == System.Threading.Timeout.InfiniteTimeSpan)
                return -1;
            if (timeout < TimeSpan.Zero)
                throw new ArgumentOutOfRangeException(nameof(timeout), timeout, "A timeout cannot be negative.");
            return timeout == TimeSpan.Zero ? -2 : (long)Math.Ceiling(timeout.Value.TotalMilliseconds);
        }
    }
}
