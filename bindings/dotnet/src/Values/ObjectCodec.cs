using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Linq;

namespace Callgate
{
    /// <summary>
    /// The codec of plain objects: a map of public properties and fields by name. In a received map, a missing member
    /// keeps its default, and an unknown one is ignored.
    /// </summary>
    internal sealed class ObjectCodec<T> : Codec<T>, IComposite, IRecordCodec
    {
        private static readonly ConcurrentDictionary<Type, DataMember?> Lost = new ConcurrentDictionary<Type, DataMember?>();

        private readonly Serializer _serializer;
        private readonly ObjectShape<T> _shape = new ObjectShape<T>();
        private IUntyped[]? _codecs;

        public ObjectCodec(Serializer serializer) => _serializer = serializer;

        public IEnumerable<ValuePart> Parts =>
            _shape.Members.Select(member => new ValuePart(member.Type, member.Display));

        public IEnumerable<RecordMember> Members =>
            _shape.Members.Select((member, place) => new RecordMember(member.Member, _shape.Needs(place)));

        // Created late, since an object may contain others of its type.
        private IUntyped[] Codecs =>
            _codecs ??= Array.ConvertAll(_shape.Members, member => Untyping.Of(_serializer, member.Type));

        public override void Write(MessageWriter writer, T value)
        {
            if (value == null)
            {
                writer.WriteNil();
                return;
            }
            if (!typeof(T).IsValueType && value.GetType() != typeof(T))
                RefuseLoss(value.GetType());
            IUntyped[] codecs = Codecs;
            writer.BeginMap(codecs.Length);
            for (int i = 0; i < codecs.Length; i++)
            {
                writer.Write(_shape.Members[i].Name);
                codecs[i].Write(writer, _shape.Members[i].Get(value));
            }
            writer.End();
        }

        public override T Read(MessageReader reader)
        {
            if (default(T)! == null && reader.TryReadNil())
                return default!;
            IUntyped[] codecs = Codecs;
            var values = new object?[codecs.Length];
            var isGiven = new bool[codecs.Length];
            for (int left = reader.ReadMap(); left > 0; left--)
            {
                string name = reader.ReadString();
                if (!_shape.TryFind(name, out int found))
                {
                    reader.Skip();
                    continue;
                }
                values[found] = ReadMember(codecs[found], reader, name);
                isGiven[found] = true;
            }
            return _shape.Make(values, isGiven);
        }

        public override bool IsNatural(ValueKind kind) => kind == ValueKind.Map;

        /// <summary>
        /// Rejects a derived type with members that the peer would not get. A type that was generated at run time, e.g.
        /// by a library for lazy loading, contains no data of the program.
        /// </summary>
        private static void RefuseLoss(Type derived)
        {
            DataMember? lost = Lost.GetOrAdd(derived, type => DataMembers.Of(type)
                .FirstOrDefault(member => member.HoldsValue && member.DeclaringType.IsSubclassOf(typeof(T))
                    && !member.DeclaringType.Assembly.IsDynamic));
            if (lost != null)
                throw new ContractMismatchException(
                    $"a {derived} cannot be sent as a {typeof(T)}: {lost.Display} would be lost. Use the derived type in " +
                    "the contract, or mark the member with [IgnoreDataMember]");
        }

        private static object? ReadMember(IUntyped codec, MessageReader reader, string name)
        {
            try
            {
                return codec.Read(reader);
            }
            catch (ContractMismatchException refused)
            {
                throw new ContractMismatchException($"{typeof(T).Name}.{name}: {refused.Message}");
            }
        }
    }

    internal static class Untyping
    {
        /// <summary>The codec of a type that is known only at run time.</summary>
        public static IUntyped Of(Serializer serializer, Type type) =>
            (IUntyped)Activator.CreateInstance(typeof(Untyped<>).MakeGenericType(type), serializer.Get(type))!;
    }
}
