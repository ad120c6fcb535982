using System;
using System.Collections.Generic;

namespace Callgate
{
    /// <summary>
    /// Writes and reads the values of one type. A program makes its own by deriving from it, and gives it to
    /// <see cref="Serializer.Add{T}"/>. Any number of threads may use a codec.
    /// </summary>
    public abstract class Codec<T>
    {
        /// <summary>Writes exactly one MessagePack value.</summary>
        public abstract void Write(MessageWriter writer, T value);

        /// <summary>Reads exactly one; throws a <see cref="ContractMismatchException"/> when it does not fit.</summary>
        public abstract T Read(MessageReader reader);

        /// <summary>
        /// Whether a value of that kind is of this type at first sight: tells apart overloads whose caller
        /// gave no signature.
        /// </summary>
        public virtual bool IsNatural(ValueKind kind) => true;
    }

    /// <summary>A codec of values that hold others, whose types must be able to travel, too.</summary>
    internal interface IComposite
    {
        /// <summary>Their types, each with the name of the member that has it, or none.</summary>
        IEnumerable<ValuePart> Parts { get; }
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
