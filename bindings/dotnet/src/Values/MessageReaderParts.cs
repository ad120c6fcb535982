using System;

namespace Callgate
{
    /// <summary>The low-level part of the reader.</summary>
    public sealed unsafe partial class MessageReader
    {
        /// <summary>Skips the next value and everything inside it. Never recurses.</summary>
        public void Skip()
        {
            for (long pending = 1; pending > 0; pending--)
            {
                switch (NextKind)
                {
                    case ValueKind.Array: pending += ReadArray(); break;
                    case ValueKind.Map: pending += 2L * ReadMap(); break;
                    case ValueKind.String: Over(); break;
                    case ValueKind.Binary: Take(Count(Byte() - 0xc4)); break;
                    case ValueKind.Integer: ReadInteger(out _); break;
                    case ValueKind.Float: ReadDouble(); break;
                    case ValueKind.Timestamp:
                    case ValueKind.Extension: SkipExtension(); break;
                    default: Byte(); break;
                }
            }
        }

        /// <summary>The exception for a value of another kind than expected.</summary>
        public ContractMismatchException Refused(string wanted) =>
            new ContractMismatchException($"expected {wanted}, found {Named(NextKind)}");

        private static ValueKind KindOf(byte marker)
        {
            if (marker <= 0x7f || marker >= 0xe0)
                return ValueKind.Integer;
            if (marker <= 0x8f)
                return ValueKind.Map;
            if (marker <= 0x9f)
                return ValueKind.Array;
            if (marker <= 0xbf || (marker >= 0xd9 && marker <= 0xdb))
                return ValueKind.String;
            if (marker >= 0xcc && marker <= 0xd3)
                return ValueKind.Integer;
            switch (marker)
            {
                case 0xc0: return ValueKind.Nil;
                case 0xc2:
                case 0xc3: return ValueKind.Bool;
                case 0xc4:
                case 0xc5:
                case 0xc6: return ValueKind.Binary;
                case 0xca:
                case 0xcb: return ValueKind.Float;
                case 0xdc:
                case 0xdd: return ValueKind.Array;
                case 0xde:
                case 0xdf: return ValueKind.Map;
                default: return ValueKind.Extension;
            }
        }

        private bool ReadInteger(out ulong bits)
        {
            Expect(ValueKind.Integer, "an integer");
            byte marker = Byte();
            if (marker <= 0x7f || marker >= 0xe0)
            {
                bits = (ulong)(sbyte)marker;
                return marker >= 0xe0;
            }
            bool isSigned = marker >= 0xd0;
            int bytes = 1 << (marker & 3);
            bits = BigEndian(bytes);
            if (!isSigned)
                return false;
            int unused = 64 - bytes * 8;
            bits = (ulong)((long)(bits << unused) >> unused);
            return (long)bits < 0;
        }

        private static ContractMismatchException OutOfRange(bool isNegative, ulong bits, string least, string most)
        {
            string value = isNegative ? ((long)bits).ToString() : bits.ToString();
            return new ContractMismatchException($"expected an integer from {least} to {most}, found {value}");
        }

        private static DateTime Moment(long seconds, ulong nanoseconds)
        {
            const long first = -Moments.EpochTicks / TimeSpan.TicksPerSecond;
            long last = (DateTime.MaxValue.Ticks - Moments.EpochTicks) / TimeSpan.TicksPerSecond;
            if (seconds < first || seconds > last || nanoseconds > 999_999_999)
                throw new ContractMismatchException("a timestamp is outside the years 1 to 9999");
            long ticks = Moments.EpochTicks + seconds * TimeSpan.TicksPerSecond + (long)(nanoseconds / 100);
            return new DateTime(ticks, DateTimeKind.Utc);
        }

        private static string Named(ValueKind kind)
        {
            switch (kind)
            {
                case ValueKind.None: return "the end";
                case ValueKind.Nil: return "nil";
                case ValueKind.Bool: return "a boolean";
                case ValueKind.Integer: return "an integer";
                case ValueKind.Float: return "a floating point number";
                case ValueKind.String: return "a string";
                case ValueKind.Binary: return "bytes";
                case ValueKind.Array: return "an array";
                case ValueKind.Map: return "a map";
                case ValueKind.Timestamp: return "a moment";
                default: return "an extension type";
            }
        }

        private void Expect(ValueKind kind, string wanted)
        {
            if (NextKind != kind)
                throw Refused(wanted);
        }

        private bool IsTimestamp()
        {
            byte marker = _data[_position];
            long type = _position + (marker == 0xc7 ? 2 : 1);
            bool fits = marker == 0xd6 || marker == 0xd7 || (marker == 0xc7 && _data[_position + 1] == 12);
            return fits && type < _length && _data[type] == 0xff;
        }

        private void Over()
        {
            byte marker = Byte();
            Take((marker & 0xe0) == 0xa0 ? marker & 0x1f : Count(marker - 0xd9));
        }

        private void SkipExtension()
        {
            byte marker = Byte();
            Take(1 + (marker >= 0xd4 && marker <= 0xd8 ? 1 << (marker - 0xd4) : Count(marker - 0xc7)));
        }

        /// <summary>Reads a length of 1, 2 or 4 bytes, for a size of 0, 1 or 2.</summary>
        private int Count(int width)
        {
            ulong count = BigEndian(1 << width);
            if (count > int.MaxValue)
                throw new ContractMismatchException($"a length of {count} is more than .NET supports");
            return (int)count;
        }

        private byte Byte() => *Take(1);

        private ulong BigEndian(int bytes)
        {
            byte* at = Take(bytes);
            ulong value = 0;
            for (int i = 0; i < bytes; i++)
                value = value << 8 | at[i];
            return value;
        }

        private byte* Take(int bytes)
        {
            // The whole value was checked; only a program's codec can read too much.
            if (bytes > _length - _position)
                throw new ContractMismatchException("expected another value, found the end");
            byte* at = _data + _position;
            _position += bytes;
            return at;
        }
    }
}
