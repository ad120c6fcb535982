using System;
using System.Text;

namespace Callgate
{
    /// <summary>Writes MessagePack values. Only one thread at a time may use a writer.</summary>
    public sealed unsafe class MessageWriter
    {
        /// <summary>The deepest nesting of arrays and maps. A value that contains itself reaches it.</summary>
        private const int DepthLimit = 64;

        // A larger buffer is not kept, since the writer would keep its memory.
        private const int KeptBytes = 1 << 20;

        private static readonly UTF8Encoding Utf8 = new UTF8Encoding(false, throwOnInvalidBytes: true);

        private byte[] _buffer = new byte[256];
        private int _depth;

        internal int Length { get; private set; }

        internal byte[] Buffer => _buffer;

        internal bool IsKept => _buffer.Length <= KeptBytes;

        internal void Reset() => Length = _depth = 0;

        internal byte[] ToArray() => _buffer.AsCopy(Length);

        /// <summary>Writes nil.</summary>
        public void WriteNil() => Byte(0xc0);

        /// <summary>Writes a boolean.</summary>
        public void Write(bool value) => Byte(value ? (byte)0xc3 : (byte)0xc2);

        /// <summary>Writes an integer in its shortest form.</summary>
        public void Write(long value)
        {
            if (value >= 0)
                Write((ulong)value);
            else if (value >= -32)
                Byte((byte)value);
            else if (value >= sbyte.MinValue)
                Marked(0xd0, 1, (ulong)value);
            else if (value >= short.MinValue)
                Marked(0xd1, 2, (ulong)value);
            else if (value >= int.MinValue)
                Marked(0xd2, 4, (ulong)value);
            else
                Marked(0xd3, 8, (ulong)value);
        }

        /// <summary>Writes an integer that may exceed long.MaxValue.</summary>
        public void Write(ulong value)
        {
            if (value <= 0x7f)
                Byte((byte)value);
            else if (value <= byte.MaxValue)
                Marked(0xcc, 1, value);
            else if (value <= ushort.MaxValue)
                Marked(0xcd, 2, value);
            else if (value <= uint.MaxValue)
                Marked(0xce, 4, value);
            else
                Marked(0xcf, 8, value);
        }

        /// <summary>Writes a single-precision number.</summary>
        public void Write(float value) => Marked(0xca, 4, *(uint*)&value);

        /// <summary>Writes a double-precision number.</summary>
        public void Write(double value) => Marked(0xcb, 8, *(ulong*)&value);

        /// <summary>Writes a string, or nil for null.</summary>
        public void Write(string? value)
        {
            if (value == null)
            {
                WriteNil();
                return;
            }
            int count = Count(value);
            if (count <= 31)
                Byte((byte)(0xa0 | count));
            else if (count <= byte.MaxValue)
                Marked(0xd9, 1, (ulong)count);
            else if (count <= ushort.MaxValue)
                Marked(0xda, 2, (ulong)count);
            else
                Marked(0xdb, 4, (ulong)count);
            int at = Reserve(count);
            Utf8.GetBytes(value, 0, value.Length, _buffer, at);
        }

        /// <summary>Writes bytes, or nil for null.</summary>
        public void Write(byte[]? value)
        {
            if (value == null)
            {
                WriteNil();
                return;
            }
            if (value.Length <= byte.MaxValue)
                Marked(0xc4, 1, (ulong)value.Length);
            else if (value.Length <= ushort.MaxValue)
                Marked(0xc5, 2, (ulong)value.Length);
            else
                Marked(0xc6, 4, (ulong)value.Length);
            int at = Reserve(value.Length);
            System.Buffer.BlockCopy(value, 0, _buffer, at, value.Length);
        }

        /// <summary>Writes a timestamp.</summary>
        public void Write(DateTime moment)
        {
            long ticks = moment.ToUniversalTime().Ticks - Moments.EpochTicks;
            long seconds = Moments.FloorDivide(ticks, TimeSpan.TicksPerSecond);
            ulong nanoseconds = (ulong)(ticks - seconds * TimeSpan.TicksPerSecond) * 100;
            if (seconds >> 34 != 0)
            {
                Marked(0xc7, 1, 12);
                Marked(0xff, 4, nanoseconds);
                BigEndian(8, (ulong)seconds);
            }
            else if (nanoseconds != 0 || seconds > uint.MaxValue)
            {
                Byte(0xd7);
                Marked(0xff, 8, nanoseconds << 34 | (ulong)seconds);
            }
            else
            {
                Byte(0xd6);
                Marked(0xff, 4, (ulong)seconds);
            }
        }

        /// <summary>Begins an array: <paramref name="count"/> values follow, and then <see cref="End"/>.</summary>
        public void BeginArray(int count) => Begin(count, 0x90, 0xdc);

        /// <summary>
        /// Begins a map: <paramref name="count"/> keys follow, each with its value after it, and then <see cref="End"/>.
        /// </summary>
        public void BeginMap(int count) => Begin(count, 0x80, 0xde);

        /// <summary>Ends an array or a map.</summary>
        public void End() => _depth--;

        private void Begin(int count, byte small, byte large)
        {
            if (++_depth > DepthLimit)
                throw new ContractMismatchException($"a value nests deeper than {DepthLimit}, or contains itself");
            if (count <= 15)
                Byte((byte)(small | count));
            else if (count <= ushort.MaxValue)
                Marked(large, 2, (ulong)count);
            else
                Marked((byte)(large + 1), 4, (ulong)count);
        }

        private static int Count(string value)
        {
            try
            {
                return Utf8.GetByteCount(value);
            }
            catch (EncoderFallbackException)
            {
                throw new ContractMismatchException("a string contains an unpaired surrogate, which UTF-8 cannot encode");
            }
        }

        private void Byte(byte value)
        {
            int at = Reserve(1);
            _buffer[at] = value;
        }

        private void Marked(byte marker, int bytes, ulong value)
        {
            Byte(marker);
            BigEndian(bytes, value);
        }

        private void BigEndian(int bytes, ulong value)
        {
            int at = Reserve(bytes);
            for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8)
                _buffer[at++] = (byte)(value >> shift);
        }

        /// <summary>Reserves bytes and returns their position. It may replace _buffer, so read that only afterwards.</summary>
        private int Reserve(int bytes)
        {
            int at = Length;
            int needed = checked(at + bytes);
            if (needed > _buffer.Length)
                Array.Resize(ref _buffer, (int)Math.Min(int.MaxValue - 64L, Math.Max(needed, 2L * _buffer.Length)));
            Length = needed;
            return at;
        }
    }

    internal static class Moments
    {
        public const long EpochTicks = 621_355_968_000_000_000;

        public static long FloorDivide(long value, long by) =>
            value / by - (value % by < 0 ? 1 : 0);

        public static byte[] AsCopy(this byte[] bytes, int length)
        {
            var copy = new byte[length];
            Buffer.BlockCopy(bytes, 0, copy, 0, length);
            return copy;
        }
    }
}
