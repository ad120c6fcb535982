using System;
using System.Text;
using Callgate.Abi;

namespace Callgate
{
    /// <summary>The kind of a MessagePack value.</summary>
    public enum ValueKind
    {
        /// <summary>No value: the end was reached.</summary>
        None,

        /// <summary>Nil, which is null in .NET.</summary>
        Nil,

        /// <summary>A boolean.</summary>
        Bool,

        /// <summary>An integer of any size and sign.</summary>
        Integer,

        /// <summary>A floating point number of either precision.</summary>
        Float,

        /// <summary>A string.</summary>
        String,

        /// <summary>Bytes.</summary>
        Binary,

        /// <summary>An array.</summary>
        Array,

        /// <summary>A map.</summary>
        Map,

        /// <summary>A timestamp.</summary>
        Timestamp,

        /// <summary>A MessagePack extension type other than the timestamp.</summary>
        Extension,
    }

    /// <summary>
    /// Reads a MessagePack value, which it borrows for one call. A value that does not match throws a
    /// <see cref="ContractMismatchException"/>.
    /// </summary>
    public sealed unsafe partial class MessageReader
    {
        private byte* _data;
        private long _length;
        private long _position;

        /// <summary>Throws unless the bytes are one well-formed value, nested at most 64 deep.</summary>
        internal static void Check(byte* data, UIntPtr length)
        {
            IntPtr error = IntPtr.Zero;
            int status = Native.callgate_check_value(data, length, ref error);
            if (status == 0)
                return;
            Exception refused = Failures.Take(status, error, null, default);
            throw new ContractMismatchException($"cannot be decoded: {refused.Message}");
        }

        /// <summary>Borrows a checked value.</summary>
        internal void Begin(byte* data, UIntPtr length)
        {
            _data = data;
            _length = (long)length;
            _position = 0;
        }

        /// <summary>Ends the borrowing.</summary>
        internal void Finish() => _length = _position = 0;

        internal long Position
        {
            get => _position;
            set => _position = value;
        }

        /// <summary>The kind of the next value, without reading it.</summary>
        public ValueKind NextKind
        {
            get
            {
                if (_position >= _length)
                    return ValueKind.None;
                ValueKind kind = KindOf(_data[_position]);
                return kind == ValueKind.Extension && IsTimestamp() ? ValueKind.Timestamp : kind;
            }
        }

        /// <summary>Reads nil if it is the next value, and returns whether it was.</summary>
        public bool TryReadNil()
        {
            if (NextKind != ValueKind.Nil)
                return false;
            _position++;
            return true;
        }

        /// <summary>Reads a boolean.</summary>
        public bool ReadBool()
        {
            Expect(ValueKind.Bool, "a boolean");
            return Byte() == 0xc3;
        }

        /// <summary>Reads an integer within a range.</summary>
        public long ReadInteger(long least, long most)
        {
            bool isNegative = ReadInteger(out ulong bits);
            long value = (long)bits;
            if ((!isNegative && value < 0) || value < least || value > most)
                throw OutOfRange(isNegative, bits, least.ToString(), most.ToString());
            return value;
        }

        /// <summary>Reads an integer from 0 to a maximum.</summary>
        public ulong ReadUnsigned(ulong most)
        {
            bool isNegative = ReadInteger(out ulong bits);
            if (isNegative || bits > most)
                throw OutOfRange(isNegative, bits, "0", most.ToString());
            return bits;
        }

        /// <summary>Reads a number of either precision, or an integer that a double represents exactly.</summary>
        public double ReadDouble()
        {
            if (NextKind == ValueKind.Integer)
            {
                const long exact = 1L << 53;
                return ReadInteger(-exact, exact);
            }
            Expect(ValueKind.Float, "a number");
            if (Byte() == 0xca)
            {
                uint single = (uint)BigEndian(4);
                return *(float*)&single;
            }
            ulong bits = BigEndian(8);
            return *(double*)&bits;
        }

        /// <summary>Reads a string.</summary>
        public string ReadString()
        {
            Expect(ValueKind.String, "a string");
            byte marker = Byte();
            int count = (marker & 0xe0) == 0xa0 ? marker & 0x1f : Count(marker - 0xd9);
            byte* text = Take(count);
            return count == 0 ? "" : Encoding.UTF8.GetString(text, count);
        }

        /// <summary>Reads bytes.</summary>
        public byte[] ReadBinary()
        {
            Expect(ValueKind.Binary, "bytes");
            int count = Count(Byte() - 0xc4);
            var bytes = new byte[count];
            byte* from = Take(count);
            if (count > 0)
                System.Runtime.InteropServices.Marshal.Copy((IntPtr)from, bytes, 0, count);
            return bytes;
        }

        /// <summary>Reads the beginning of an array, and returns the number of values that follow.</summary>
        public int ReadArray()
        {
            Expect(ValueKind.Array, "an array");
            byte marker = Byte();
            return (marker & 0xf0) == 0x90 ? marker & 0x0f : Count(marker - 0xdc + 1);
        }

        /// <summary>
        /// Reads the beginning of a map, and returns the number of keys that follow, each with its value after it.
        /// </summary>
        public int ReadMap()
        {
            Expect(ValueKind.Map, "a map");
            byte marker = Byte();
            return (marker & 0xf0) == 0x80 ? marker & 0x0f : Count(marker - 0xde + 1);
        }

        /// <summary>Reads a timestamp, in UTC, truncated to multiples of 100 ns.</summary>
        public DateTime ReadTimestamp()
        {
            Expect(ValueKind.Timestamp, "a moment");
            byte marker = Byte();
            if (marker == 0xc7)
                Byte();
            Byte();
            ulong nanoseconds = 0;
            long seconds;
            if (marker == 0xd6)
            {
                seconds = (long)BigEndian(4);
            }
            else if (marker == 0xd7)
            {
                ulong both = BigEndian(8);
                nanoseconds = both >> 34;
                seconds = (long)(both & 0x3_ffff_ffff);
            }
            else
            {
                nanoseconds = BigEndian(4);
                seconds = (long)BigEndian(8);
            }
            return Moment(seconds, nanoseconds);
        }
    }
}
