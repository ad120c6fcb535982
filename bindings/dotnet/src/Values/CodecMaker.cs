using System;
using System.Reflection;

namespace Callgate
{
    /// <summary>Creates the codec of a type.</summary>
    internal static class CodecMaker
    {
        public static object Make(Serializer serializer, Type type)
        {
            Refusals.RefuseWithAdvice(type);
            if (type.IsEnum)
                return New(typeof(EnumCodec<,>), serializer, type, Enum.GetUnderlyingType(type));
            if (type.IsArray)
                return MakeArray(serializer, type);
            if (type.IsGenericType)
            {
                Type open = type.GetGenericTypeDefinition();
                Type[] parts = type.GetGenericArguments();
                if (open == typeof(Nullable<>))
                    return New(typeof(NullableCodec<>), serializer, parts);
                if (IsTuple(open))
                    return New(typeof(TupleCodec<>), serializer, type);
            }
            if (!type.IsValueType && CollectionTypes.ElementOf(type) is Type element)
                return MakeCollection(serializer, type, element);
            Refusals.RefuseUnlessPlain(type);
            return New(typeof(ObjectCodec<>), serializer, type);
        }

        private static object MakeArray(Serializer serializer, Type type)
        {
            if (type.GetArrayRank() != 1)
                throw new ArgumentException($"{type} cannot be sent: an array must have one dimension; use arrays of arrays.");
            return New(typeof(ArrayCodec<>), serializer, type.GetElementType()!);
        }

        private static object MakeCollection(Serializer serializer, Type type, Type element)
        {
            Refusals.RefuseOwnMembers(type);
            Type? made = CollectionTypes.MadeFor(type, element);
            if (made == null && CollectionTypes.WrapsLists(type, element))
                return New(typeof(WrappedCodec<,>), serializer, type, element);
            if (made == null)
                throw new ArgumentException(
                    $"{type} cannot be sent: it is a collection that cannot be created from its elements. Add a codec for it.");
            Type[]? pair = CollectionTypes.PairOf(made);
            return pair == null
                ? New(typeof(CollectionCodec<,,>), serializer, type, element, made)
                : New(typeof(MapCodec<,,,>), serializer, type, pair[0], pair[1], made);
        }

        private static bool IsTuple(Type open) =>
            open.Namespace == "System" && (open.Name.StartsWith("ValueTuple`") || open.Name.StartsWith("Tuple`"));

        private static object New(Type open, Serializer serializer, params Type[] arguments)
        {
            try
            {
                return Activator.CreateInstance(open.MakeGenericType(arguments), serializer)!;
            }
            catch (TargetInvocationException failed) when (failed.InnerException is ArgumentException refused)
            {
                throw new ArgumentException(refused.Message, refused);
            }
        }
    }
}
