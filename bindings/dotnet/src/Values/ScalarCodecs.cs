using System;
using System.Globalization;
using System.Net;

namespace Callgate
{
    /// <summary>A codec of two functions.</summary>
    internal sealed class ScalarCodec<T> : Codec<T>
    {
        private readonly Action<MessageWriter, T> _write;
        private readonly Func<MessageReader, T> _read;
        private readonly ValueKind _natural;

        public ScalarCodec(ValueKind natural, Action<MessageWriter, T> write, Func<MessageReader, T> read)
        {
            _natural = natural;
            _write = write;
            _read = read;
        }

        public override void Write(MessageWriter writer, T value) => _write(writer, value);

        public override T Read(MessageReader reader) => _read(reader);

        public override bool IsNatural(ValueKind kind) => kind == _natural;
    }

    /// <summary>The codecs of the base library's simple values.</summary>
    internal static class ScalarCodecs
    {
        private const ValueKind Integer = ValueKind.Integer;
        private const NumberStyles DecimalStyle = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint;

        public static void AddTo(Serializer serializer)
        {
            AddIntegers(serializer);
            Add(serializer, ValueKind.Bool, (w, v) => w.Write(v), r => r.ReadBool());
            Add(serializer, ValueKind.Float, (w, v) => w.Write(v), r => r.ReadDouble());
            Add(serializer, ValueKind.Float, (w, v) => w.Write(v), ReadFloat);
            Add<string?>(serializer, ValueKind.String, (w, v) => w.Write(v), r => r.TryReadNil() ? null : r.ReadString());
            Add<byte[]?>(serializer, ValueKind.Binary, (w, v) => w.Write(v), r => r.TryReadNil() ? null : r.ReadBinary());
            Add(serializer, ValueKind.String, (w, v) => w.Write(v.ToString()), ReadChar);
            Add(serializer, ValueKind.String, (w, v) => w.Write(v.ToString(CultureInfo.InvariantCulture)), ReadDecimal);
            Add(serializer, ValueKind.String, (w, v) => w.Write(v.ToString("D")), ReadGuid);
            Add(serializer, ValueKind.Timestamp, WriteDateTime, r => r.ReadTimestamp());
            Add(serializer, Integer, (w, v) => w.Write(v.Ticks), r => new TimeSpan(r.ReadInteger(long.MinValue, long.MaxValue)));
            Add(serializer, ValueKind.Timestamp, WriteDateTimeOffset, ReadDateTimeOffset);
            Add<Uri?>(serializer, ValueKind.String, (w, v) => w.Write(v?.OriginalString), ReadUri);
            Add<IPAddress?>(serializer, ValueKind.String, (w, v) => w.Write(v?.ToString()), ReadAddress);
            Add<Version?>(serializer, ValueKind.String, (w, v) => w.Write(v?.ToString()), ReadVersion);
        }

        private static void AddIntegers(Serializer serializer)
        {
            Add(serializer, Integer, (w, v) => w.Write((long)v), r => (sbyte)r.ReadInteger(sbyte.MinValue, sbyte.MaxValue));
            Add(serializer, Integer, (w, v) => w.Write((long)v), r => (short)r.ReadInteger(short.MinValue, short.MaxValue));
            Add(serializer, Integer, (w, v) => w.Write((long)v), r => (int)r.ReadInteger(int.MinValue, int.MaxValue));
            Add(serializer, Integer, (w, v) => w.Write(v), r => r.ReadInteger(long.MinValue, long.MaxValue));
            Add(serializer, Integer, (w, v) => w.Write((ulong)v), r => (byte)r.ReadUnsigned(byte.MaxValue));
            Add(serializer, Integer, (w, v) => w.Write((ulong)v), r => (ushort)r.ReadUnsigned(ushort.MaxValue));
            Add(serializer, Integer, (w, v) => w.Write((ulong)v), r => (uint)r.ReadUnsigned(uint.MaxValue));
            Add(serializer, Integer, (w, v) => w.Write(v), r => r.ReadUnsigned(ulong.MaxValue));
        }

        private static void Add<T>(
            Serializer serializer, ValueKind kind, Action<MessageWriter, T> write, Func<MessageReader, T> read) =>
            serializer.Add(new ScalarCodec<T>(kind, write, read));

        private static float ReadFloat(MessageReader reader)
        {
            double value = reader.ReadDouble();
            float single = (float)value;
            if (float.IsInfinity(single) && !double.IsInfinity(value))
                throw new ContractMismatchException($"{value.ToString("R", CultureInfo.InvariantCulture)} does not fit a float");
            return single;
        }

        private static char ReadChar(MessageReader reader)
        {
            string text = reader.ReadString();
            return text.Length == 1 ? text[0] : throw new ContractMismatchException($"expected one character, found \"{text}\"");
        }

        private static decimal ReadDecimal(MessageReader reader)
        {
            if (reader.NextKind == Integer)
                return reader.ReadInteger(long.MinValue, long.MaxValue);
            string text = reader.ReadString();
            return decimal.TryParse(text, DecimalStyle, CultureInfo.InvariantCulture, out decimal value)
                ? value
                : throw new ContractMismatchException($"expected a decimal, found \"{text}\"");
        }

        private static Guid ReadGuid(MessageReader reader)
        {
            string text = reader.ReadString();
            return Guid.TryParse(text, out Guid value)
                ? value
                : throw new ContractMismatchException($"expected a Guid, found \"{text}\"");
        }

        private static Uri? ReadUri(MessageReader reader)
        {
            if (reader.TryReadNil())
                return null;
            string text = reader.ReadString();
            return Uri.TryCreate(text, UriKind.RelativeOrAbsolute, out Uri? value)
                ? value
                : throw new ContractMismatchException($"expected a URI, found \"{text}\"");
        }

        private static IPAddress? ReadAddress(MessageReader reader)
        {
            if (reader.TryReadNil())
                return null;
            string text = reader.ReadString();
            return IPAddress.TryParse(text, out IPAddress? value)
                ? value
                : throw new ContractMismatchException($"expected an IP address, found \"{text}\"");
        }

        private static Version? ReadVersion(MessageReader reader)
        {
            if (reader.TryReadNil())
                return null;
            string text = reader.ReadString();
            return Version.TryParse(text, out Version? value)
                ? value
                : throw new ContractMismatchException($"expected a version, found \"{text}\"");
        }

        /// <summary>An unspecified time counts as UTC, so that it does not depend on this machine's time zone.</summary>
        private static void WriteDateTime(MessageWriter writer, DateTime value) =>
            writer.Write(value.Kind == DateTimeKind.Unspecified ? DateTime.SpecifyKind(value, DateTimeKind.Utc) : value);

        private static void WriteDateTimeOffset(MessageWriter writer, DateTimeOffset value)
        {
            if (value.Offset == TimeSpan.Zero)
            {
                writer.Write(value.UtcDateTime);
                return;
            }
            writer.BeginArray(2);
            writer.Write(value.UtcDateTime);
            writer.Write((long)value.Offset.TotalMinutes);
            writer.End();
        }

        private static DateTimeOffset ReadDateTimeOffset(MessageReader reader)
        {
            if (reader.NextKind != ValueKind.Array)
                return new DateTimeOffset(reader.ReadTimestamp());
            if (reader.ReadArray() != 2)
                throw new ContractMismatchException("expected an array of a timestamp and its offset in minutes");
            var moment = new DateTimeOffset(reader.ReadTimestamp());
            TimeSpan offset = TimeSpan.FromMinutes(reader.ReadInteger(-14 * 60, 14 * 60));
            long local = moment.Ticks + offset.Ticks;
            if (local < DateTime.MinValue.Ticks || local > DateTime.MaxValue.Ticks)
                throw new ContractMismatchException("a timestamp is outside the years 1 to 9999");
            return moment.ToOffset(offset);
        }
    }
}
