using System;
using Callgate.Abi;

namespace Callgate.Testing
{
    /// <summary>The direction of the bytes that have faults.</summary>
    public enum FaultDirection
    {
        /// <summary>Both directions, each with choices of its own.</summary>
        Both = 0,

        /// <summary>From the client to the host.</summary>
        ToHost = 1,

        /// <summary>From the host to the client.</summary>
        ToClient = 2,
    }

    /// <summary>
    /// The positions of a fault, which happens once in each connection, at one of them. A position is the number of bytes
    /// before it in its direction of the connection, the handshake's included.
    /// </summary>
    public readonly struct FaultPositions
    {
        /// <summary>The least of them.</summary>
        public ulong Min { get; }

        /// <summary>The greatest of them, at least 1.</summary>
        public ulong Max { get; }

        /// <summary>The positions from the first to the second.</summary>
        public FaultPositions(ulong min, ulong max)
        {
            if (max == 0 || min > max)
                throw new ArgumentException($"positions from {min} to {max}: the greatest must be at least 1, and not below the least");
            Min = min;
            Max = max;
        }

        /// <summary>A position alone.</summary>
        public static implicit operator FaultPositions(int position) =>
            new FaultPositions(checked((ulong)position), checked((ulong)position));
    }

    /// <summary>
    /// The faults of a relay's connections; by default there are none. Every choice follows from the seed, the number of the
    /// connection, the direction and the position of a byte, so the same bytes meet the same faults again.
    /// </summary>
    public sealed class Faults
    {
        /// <summary>The choices: another seed makes others.</summary>
        public ulong Seed { get; set; }

        /// <summary>The direction that has the faults.</summary>
        public FaultDirection Direction { get; set; }

        /// <summary>How many connections have the faults, the next ones; later ones have none. Null means all.</summary>
        public int? Connections { get; set; }

        /// <summary>Each byte is forwarded alone.</summary>
        public bool ByteWise { get; set; }

        /// <summary>The longest pause before a piece of 1 to 4096 bytes is forwarded.</summary>
        public TimeSpan Delay { get; set; }

        /// <summary>Where the connection is cut, both ways.</summary>
        public FaultPositions? Cut { get; set; }

        /// <summary>
        /// From where on the bytes vanish, and the end of the stream too: the other side sees a peer that says nothing more, as
        /// when a machine or a network dies.
        /// </summary>
        public FaultPositions? Silence { get; set; }

        /// <summary>Where a byte is changed.</summary>
        public FaultPositions? Corrupt { get; set; }

        /// <summary>Where a byte is lost.</summary>
        public FaultPositions? Lose { get; set; }

        internal unsafe NativeFaults ToNative()
        {
            if (Delay < TimeSpan.Zero)
                throw new ArgumentException($"the delay of faults is negative: {Delay}");
            if (Connections < 1)
                throw new ArgumentException("the number of connections with faults must be at least 1, or null for all");
            return new NativeFaults
            {
                StructSize = (UIntPtr)sizeof(NativeFaults),
                Seed = Seed,
                Connections = (ulong)(Connections ?? 0),
                DelayUs = (ulong)(Delay.Ticks / (TimeSpan.TicksPerMillisecond / 1000)),
                CutMin = Cut?.Min ?? 0,
                CutMax = Cut?.Max ?? 0,
                SilenceMin = Silence?.Min ?? 0,
                SilenceMax = Silence?.Max ?? 0,
                CorruptMin = Corrupt?.Min ?? 0,
                CorruptMax = Corrupt?.Max ?? 0,
                LoseMin = Lose?.Min ?? 0,
                LoseMax = Lose?.Max ?? 0,
                Direction = (uint)Direction,
                ByteWise = (byte)(ByteWise ? 1 : 0),
            };
        }
    }
}
