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
}
