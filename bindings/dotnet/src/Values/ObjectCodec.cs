using System;
using System.Linq.Expressions;
using System.Reflection;

namespace Callgate
{
    /// <summary>
    /// Plain objects: a map from the names of public properties and fields to their values. What the map
    /// lacks keeps its default, what it has beyond them is passed over.
    /// </summary>
    internal sealed class ObjectCodec<T> : Codec<T>
    {
        private readonly Serializer _serializer;
        private readonly ObjectShape<T> _shape = new ObjectShape<T>();
        private IUntyped[]? _codecs;

        public ObjectCodec(Serializer serializer) => _serializer = serializer;

        // Late, since an object may hold others of its type.
        private IUntyped[] Codecs =>
            _codecs ??= Array.ConvertAll(_shape.Members, member => Untyping.Of(_serializer, member.Type));

        public override void Write(MessageWriter writer, T value)
        {
            if (value == null)
            {
                writer.WriteNil();
                return;
            }
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

    /// <summary>A public property or field that travels.</summary>
    internal sealed class ObjectMember<T>
    {
        public ObjectMember(MemberInfo member)
        {
            Name = member.Name;
            Type = member is PropertyInfo property ? property.PropertyType : ((FieldInfo)member).FieldType;
            var target = Expression.Parameter(typeof(T));
            Get = Expression.Lambda<Func<T, object?>>(
                Expression.Convert(Expression.MakeMemberAccess(target, member), typeof(object)), target).Compile();
            if (CanSet(member))
                Set = MakeSetter(member);
        }

        public string Name { get; }

        public Type Type { get; }

        public Func<T, object?> Get { get; }

        /// <summary>Sets it in a boxed object; null where only a constructor can.</summary>
        public Action<object, object?>? Set { get; }

        private static bool CanSet(MemberInfo member) =>
            member is PropertyInfo property
                ? property.GetSetMethod() != null
                : !((FieldInfo)member).IsInitOnly;

        private Action<object, object?> MakeSetter(MemberInfo member)
        {
            var boxed = Expression.Parameter(typeof(object));
            var value = Expression.Parameter(typeof(object));
            Expression target = typeof(T).IsValueType
                ? Expression.Unbox(boxed, typeof(T))
                : (Expression)Expression.Convert(boxed, typeof(T));
            Expression set = Expression.Assign(
                Expression.MakeMemberAccess(target, member), Expression.Convert(value, Type));
            return Expression.Lambda<Action<object, object?>>(set, boxed, value).Compile();
        }
    }

    internal static class Untyping
    {
        /// <summary>The codec of a type that is known only now.</summary>
        public static IUntyped Of(Serializer serializer, Type type) =>
            (IUntyped)Activator.CreateInstance(typeof(Untyped<>).MakeGenericType(type), serializer.Get(type))!;
    }
}
