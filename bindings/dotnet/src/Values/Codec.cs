using System;
using System.Collections.Generic;

namespace Callgate
{
    /// <summary>
    /// Encodes and decodes the values of one type. A program can derive its own codec, and pass it to
    /// <see cref="Serializer.Add{T}"/>. Any number of threads may use a codec.
    /// </summary>
    public abstract class Codec<T>
    {
        /// <summary>Writes exactly one MessagePack value.</summary>
        public abstract void Write(MessageWriter writer, T value);

        /// <summary>
        /// Reads exactly one MessagePack value. Throws a <see cref="ContractMismatchException"/> if it does not match.
        /// </summary>
        public abstract T Read(MessageReader reader);

        /// <summary>
        /// Whether values of this kind normally belong to this type. It is used to select an overload if the caller sent
        /// no signature.
        /// </summary>
        public virtual bool IsNatural(ValueKind kind) => true;
    }

    /// <summary>A codec of values that contain others, whose types must have codecs, too.</summary>
    internal interface IComposite
    {
        /// <summary>The types of the contained values, each with the name of its member if it has one.</summary>
        IEnumerable<ValuePart> Parts { get; }
    }

    /// <summary>A codec of values with named members.</summary>
    internal interface IRecordCodec
    {
        IEnumerable<RecordMember> Members { get; }
    }

    internal readonly struct RecordMember
    {
        public RecordMember(DataMember member, bool isRequired)
        {
            Member = member;
            IsRequired = isRequired;
        }

        public DataMember Member { get; }

        /// <summary>The member's name on the wire.</summary>
        public string Name => Member.Name;

        /// <summary>Whether a value cannot be received without it.</summary>
        public bool IsRequired { get; }
    }

    internal readonly struct ValuePart
    {
        public ValuePart(Type type, string name = "")
        {
            Type = type;
            Name = name;
        }

        public Type Type { get; }

        public string Name { get; }
    }
}
