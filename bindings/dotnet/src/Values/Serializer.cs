using System;
using System.Collections.Concurrent;
using System.Collections.Generic;

namespace Callgate
{
    /// <summary>
    /// Encodes and decodes values. It has codecs for the base library's values, collections, tuples, enums and plain
    /// objects. A program can add its own to a serializer that it passes to its builders. Add codecs before the first
    /// use: the codec of a type that contains such a type is created once, when it is first needed.
    /// </summary>
    public sealed class Serializer
    {
        private readonly ConcurrentDictionary<Type, object> _codecs = new ConcurrentDictionary<Type, object>();
        private readonly ConcurrentDictionary<Type, bool> _whole = new ConcurrentDictionary<Type, bool>();

        /// <summary>Creates a serializer without codecs of the program.</summary>
        public Serializer()
        {
            ScalarCodecs.AddTo(this);
            Add(new DynamicCodec(this));
        }

        /// <summary>The descriptions of interfaces, by interface and callback interface.</summary>
        internal ConcurrentDictionary<KeyValuePair<Type, Type?>, byte[]> Descriptions { get; } =
            new ConcurrentDictionary<KeyValuePair<Type, Type?>, byte[]>();

        internal static Serializer Default { get; } = new Serializer();

        /// <summary>Adds a codec, which replaces an existing codec of its type.</summary>
        public void Add<T>(Codec<T> codec) =>
            _codecs[typeof(T)] = codec ?? throw new ArgumentNullException(nameof(codec));

        /// <summary>The codec of a type. Throws an <see cref="ArgumentException"/> for a type that cannot be sent.</summary>
        public Codec<T> GetCodec<T>() => (Codec<T>)Get(typeof(T));

        /// <summary>Encodes a value as MessagePack.</summary>
        public byte[] Encode<T>(T value)
        {
            var writer = new MessageWriter();
            GetCodec<T>().Write(writer, value);
            return writer.ToArray();
        }

        /// <summary>Decodes MessagePack, which may come from an untrusted source.</summary>
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

        /// <summary>
        /// The codec of a type. Throws an <see cref="ArgumentException"/> that names the member if the type contains a
        /// type that cannot be sent.
        /// </summary>
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

        /// <summary>The codec of a type that is known only at run time.</summary>
        internal object Get(Type type)
        {
            if (_codecs.TryGetValue(type, out object? codec))
                return codec;
            object made = CodecMaker.Make(this, type);
            return _codecs.GetOrAdd(type, made);
        }
    }
}
