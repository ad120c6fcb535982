using System;
using System.Collections.Concurrent;
using System.Collections.Generic;

namespace Callgate
{
    /// <summary>
    /// Knows how values of each type travel. It has codecs for the base library's values, collections,
    /// tuples, enums and plain objects; a program adds its own to one that it gives to its builders. Add
    /// codecs first: those of types that hold such a type are made once, when they are first needed.
    /// </summary>
    public sealed class Serializer
    {
        private readonly ConcurrentDictionary<Type, object> _codecs = new ConcurrentDictionary<Type, object>();
        private readonly ConcurrentDictionary<Type, bool> _whole = new ConcurrentDictionary<Type, bool>();

        /// <summary>One that knows the base library's values, and how to make codecs for other types.</summary>
        public Serializer()
        {
            ScalarCodecs.AddTo(this);
            Add(new DynamicCodec(this));
        }

        internal static Serializer Default { get; } = new Serializer();

        /// <summary>Uses that codec for its type, in place of the one that there may be.</summary>
        public void Add<T>(Codec<T> codec) =>
            _codecs[typeof(T)] = codec ?? throw new ArgumentNullException(nameof(codec));

        /// <summary>The codec of a type. Throws an <see cref="ArgumentException"/> for a type that cannot travel.</summary>
        public Codec<T> GetCodec<T>() => (Codec<T>)Get(typeof(T));

        /// <summary>The MessagePack of a value.</summary>
        public byte[] Encode<T>(T value)
        {
            var writer = new MessageWriter();
            GetCodec<T>().Write(writer, value);
            return writer.ToArray();
        }

        /// <summary>The value of MessagePack, which may come from anywhere.</summary>
        public unsafe T Decode<T>(byte[] data)
        {
            if (data == null)
                throw new ArgumentNullException(nameof(data));
            var reader = new MessageReader();
            fixed (byte* bytes = data)
            {
                MessageReader.Check(bytes, (UIntPtr)data.Length);
                reader.Begin(bytes, (UIntPtr)data.Length);
                T value = GetCodec<T>().Read(reader);
                reader.Finish();
                return value;
            }
        }

        /// <summary>Likewise, and throws for a type that holds one which cannot travel, naming the member.</summary>
        internal object GetWhole(Type type)
        {
            var seen = new HashSet<Type>();
            CheckParts(type, seen);
            foreach (Type whole in seen)
                _whole[whole] = true;
            return Get(type);
        }

        private void CheckParts(Type type, HashSet<Type> seen)
        {
            if (_whole.ContainsKey(type) || !seen.Add(type) || !(Get(type) is IComposite composite))
                return;
            foreach (ValuePart part in composite.Parts)
            {
                try
                {
                    CheckParts(part.Type, seen);
                }
                catch (ArgumentException refused) when (part.Name.Length > 0)
                {
                    throw new ArgumentException($"{part.Name}: {refused.Message}", refused);
                }
            }
        }

        /// <summary>The Codec of a type that is known only now.</summary>
        internal object Get(Type type)
        {
            if (_codecs.TryGetValue(type, out object? codec))
                return codec;
            object made = CodecMaker.Make(this, type);
            return _codecs.GetOrAdd(type, made);
        }
    }
}
