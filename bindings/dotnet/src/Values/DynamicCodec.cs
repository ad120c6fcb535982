using System;
using System.Collections.Concurrent;
using System.Collections.Generic;

namespace Callgate
{
    /// <summary>
    /// The codec of object: encodes a value by its type at run time, and decodes one to the simplest type that holds it.
    /// </summary>
    internal sealed class DynamicCodec : Codec<object?>
    {
        private readonly ConcurrentDictionary<Type, Action<MessageWriter, object>> _writers =
            new ConcurrentDictionary<Type, Action<MessageWriter, object>>();

        private readonly Serializer _serializer;

        public DynamicCodec(Serializer serializer) => _serializer = serializer;

        public override void Write(MessageWriter writer, object? value)
        {
            if (value == null)
                writer.WriteNil();
            else
                _writers.GetOrAdd(value.GetType(), MakeWriter)(writer, value);
        }

        public override object? Read(MessageReader reader)
        {
            switch (reader.NextKind)
            {
                case ValueKind.Nil:
                    reader.TryReadNil();
                    return null;
                case ValueKind.Bool: return reader.ReadBool();
                case ValueKind.Integer: return ReadInteger(reader);
                case ValueKind.Float: return reader.ReadDouble();
                case ValueKind.String: return reader.ReadString();
                case ValueKind.Binary: return reader.ReadBinary();
                case ValueKind.Array: return ReadArray(reader);
                case ValueKind.Map: return ReadMap(reader);
                case ValueKind.Timestamp: return reader.ReadTimestamp();
                default: throw reader.Refused("a value");
            }
        }

        private static object ReadInteger(MessageReader reader)
        {
            long at = reader.Position;
            try
            {
                return reader.ReadInteger(long.MinValue, long.MaxValue);
            }
            catch (ContractMismatchException)
            {
                reader.Position = at;
                return reader.ReadUnsigned(ulong.MaxValue);
            }
        }

        private object?[] ReadArray(MessageReader reader)
        {
            var made = new object?[reader.ReadArray()];
            for (int i = 0; i < made.Length; i++)
                made[i] = Read(reader);
            return made;
        }

        private Dictionary<object, object?> ReadMap(MessageReader reader)
        {
            int count = reader.ReadMap();
            var made = new Dictionary<object, object?>();
            for (int i = 0; i < count; i++)
            {
                object key = Read(reader) ?? throw new ContractMismatchException("the key of a map must not be nil");
                made[key] = Read(reader);
            }
            return made;
        }

        private Action<MessageWriter, object> MakeWriter(Type type)
        {
            if (type == typeof(object))
                throw new ContractMismatchException("an instance of System.Object itself has no value to send");
            try
            {
                return ((IUntyped)Activator.CreateInstance(
                    typeof(Untyped<>).MakeGenericType(type), _serializer.Get(type))!).Write;
            }
            catch (ArgumentException refused)
            {
                throw new ContractMismatchException(refused.Message);
            }
        }
    }

    /// <summary>A codec of a type that is known only at run time.</summary>
    internal interface IUntyped
    {
        void Write(MessageWriter writer, object? value);

        object? Read(MessageReader reader);
    }

    internal sealed class Untyped<T> : IUntyped
    {
        private readonly Codec<T> _codec;

        public Untyped(Codec<T> codec) => _codec = codec;

        public void Write(MessageWriter writer, object? value) => _codec.Write(writer, (T)value!);

        public object? Read(MessageReader reader) => _codec.Read(reader);
    }
}
