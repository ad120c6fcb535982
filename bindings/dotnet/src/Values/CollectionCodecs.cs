using System;
using System.Collections.Generic;

namespace Callgate
{
    // The codecs of elements are looked up late, since a type may contain itself.

    internal sealed class NullableCodec<T> : Codec<T?>, IComposite where T : struct
    {
        private readonly Codec<T> _inner;

        public NullableCodec(Serializer serializer) => _inner = serializer.GetCodec<T>();

        public IEnumerable<ValuePart> Parts => new[] { new ValuePart(typeof(T)) };

        public override void Write(MessageWriter writer, T? value)
        {
            if (value == null)
                writer.WriteNil();
            else
                _inner.Write(writer, value.Value);
        }

        public override T? Read(MessageReader reader) => reader.TryReadNil() ? (T?)null : _inner.Read(reader);

        public override bool IsNatural(ValueKind kind) => kind == ValueKind.Nil || _inner.IsNatural(kind);
    }

    internal sealed unsafe class EnumCodec<TEnum, TNumber> : Codec<TEnum> where TEnum : unmanaged where TNumber : unmanaged
    {
        private readonly Codec<TNumber> _number;

        public EnumCodec(Serializer serializer) => _number = serializer.GetCodec<TNumber>();

        public override void Write(MessageWriter writer, TEnum value) => _number.Write(writer, *(TNumber*)&value);

        public override TEnum Read(MessageReader reader)
        {
            TNumber number = _number.Read(reader);
            return *(TEnum*)&number;
        }

        public override bool IsNatural(ValueKind kind) => kind == ValueKind.Integer;
    }

    /// <summary>The codec of a type that is sent as an array of elements of one type.</summary>
    internal abstract class ElementsCodec<TAll, T> : Codec<TAll?>, IComposite where TAll : class, IEnumerable<T>
    {
        private readonly Serializer _serializer;
        private Codec<T>? _element;

        protected ElementsCodec(Serializer serializer) => _serializer = serializer;

        public IEnumerable<ValuePart> Parts => new[] { new ValuePart(typeof(T)) };

        protected Codec<T> Element => _element ??= _serializer.GetCodec<T>();

        public override void Write(MessageWriter writer, TAll? value)
        {
            if (value == null)
            {
                writer.WriteNil();
                return;
            }
            // A mere IEnumerable may yield another number of elements each time.
            IReadOnlyCollection<T> all = value as IReadOnlyCollection<T> ?? new List<T>(value);
            writer.BeginArray(all.Count);
            foreach (T element in all)
                Element.Write(writer, element);
            writer.End();
        }

        public override TAll? Read(MessageReader reader) =>
            reader.TryReadNil() ? null : ReadElements(reader, reader.ReadArray());

        public override bool IsNatural(ValueKind kind) => kind == ValueKind.Array;

        protected abstract TAll ReadElements(MessageReader reader, int count);
    }

    internal sealed class ArrayCodec<T> : ElementsCodec<T[], T>
    {
        public ArrayCodec(Serializer serializer) : base(serializer)
        {
        }

        protected override T[] ReadElements(MessageReader reader, int count)
        {
            var made = new T[count];
            for (int i = 0; i < count; i++)
                made[i] = Element.Read(reader);
            return made;
        }
    }

    /// <summary>The codec of a collection that is filled element by element.</summary>
    internal sealed class CollectionCodec<TAll, T, TMade> : ElementsCodec<TAll, T>
        where TAll : class, IEnumerable<T> where TMade : class, TAll, ICollection<T>, new()
    {
        public CollectionCodec(Serializer serializer) : base(serializer)
        {
        }

        protected override TAll ReadElements(MessageReader reader, int count)
        {
            var made = new TMade();
            for (int i = 0; i < count; i++)
                made.Add(Element.Read(reader));
            return made;
        }
    }

    /// <summary>The codec of a collection whose constructor takes a list.</summary>
    internal sealed class WrappedCodec<TAll, T> : ElementsCodec<TAll, T> where TAll : class, IEnumerable<T>
    {
        public WrappedCodec(Serializer serializer) : base(serializer)
        {
        }

        protected override TAll ReadElements(MessageReader reader, int count)
        {
            var list = new List<T>();
            for (int i = 0; i < count; i++)
                list.Add(Element.Read(reader));
            return (TAll)Activator.CreateInstance(typeof(TAll), list)!;
        }
    }

    internal sealed class MapCodec<TAll, TKey, TValue, TMade> : Codec<TAll?>, IComposite
        where TAll : class, IEnumerable<KeyValuePair<TKey, TValue>>
        where TKey : notnull
        where TMade : class, TAll, IDictionary<TKey, TValue>, new()
    {
        private readonly Serializer _serializer;
        private readonly Codec<TKey> _key;
        private Codec<TValue>? _value;

        public MapCodec(Serializer serializer)
        {
            _serializer = serializer;
            _key = serializer.GetCodec<TKey>();
        }

        public IEnumerable<ValuePart> Parts => new[] { new ValuePart(typeof(TKey)), new ValuePart(typeof(TValue)) };

        private Codec<TValue> Value => _value ??= _serializer.GetCodec<TValue>();

        public override void Write(MessageWriter writer, TAll? value)
        {
            if (value == null)
            {
                writer.WriteNil();
                return;
            }
            var all = value as IReadOnlyCollection<KeyValuePair<TKey, TValue>>
                ?? new List<KeyValuePair<TKey, TValue>>(value);
            writer.BeginMap(all.Count);
            foreach (KeyValuePair<TKey, TValue> pair in all)
            {
                _key.Write(writer, pair.Key);
                Value.Write(writer, pair.Value);
            }
            writer.End();
        }

        public override TAll? Read(MessageReader reader)
        {
            if (reader.TryReadNil())
                return null;
            int count = reader.ReadMap();
            var made = new TMade();
            for (int i = 0; i < count; i++)
            {
                TKey key = _key.Read(reader);
                if (key == null)
                    throw new ContractMismatchException("the key of a map must not be nil");
                made[key] = Value.Read(reader);
            }
            return made;
        }

        public override bool IsNatural(ValueKind kind) => kind == ValueKind.Map;
    }
}
