using System;
using System.Linq;
using System.Reflection;

namespace Callgate
{
    /// <summary>Makes the codec of a type: which kind of codec, with which type arguments.</summary>
    internal static class CodecMaker
    {
        public static object Make(Serializer serializer, Type type)
        {
            RefuseWithAdvice(type);
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
            RefuseUnlessPlain(type);
            return New(typeof(ObjectCodec<>), serializer, type);
        }

        private static object MakeArray(Serializer serializer, Type type)
        {
            if (type.GetArrayRank() != 1)
                throw new ArgumentException($"{type} cannot travel: arrays have one dimension; use arrays of arrays.");
            return New(typeof(ArrayCodec<>), serializer, type.GetElementType()!);
        }

        private static object MakeCollection(Serializer serializer, Type type, Type element)
        {
            RefuseOwnMembers(type);
            Type? made = CollectionTypes.MadeFor(type, element);
            if (made == null && CollectionTypes.WrapsLists(type, element))
                return New(typeof(WrappedCodec<,>), serializer, type, element);
            if (made == null)
                throw new ArgumentException(
                    $"{type} cannot travel: it is a collection that cannot be made of its elements. Add a codec of your own.");
            Type[]? pair = CollectionTypes.PairOf(made);
            return pair == null
                ? New(typeof(CollectionCodec<,,>), serializer, type, element, made)
                : New(typeof(MapCodec<,,,>), serializer, type, pair[0], pair[1], made);
        }

        /// <summary>A collection travels as its elements alone.</summary>
        private static void RefuseOwnMembers(Type type)
        {
            DataMember? lost = type.IsInterface ? null : DataMembers.Of(type).FirstOrDefault(member =>
                member.HoldsValue && !FrameworkAssemblies.Contains(member.DeclaringType.Assembly.GetName().Name));
            if (lost != null)
                throw new ArgumentException(
                    $"{lost.Display} cannot travel: {type} is a collection, of which only the elements do. Hold the " +
                    "collection in an object, mark the member with [IgnoreDataMember], or add a codec of your own.");
        }

        /// <summary>What a program might expect to travel, and what to use in its place.</summary>
        private static void RefuseWithAdvice(Type type)
        {
            string? advice = null;
            switch (type.IsGenericType ? type.GetGenericTypeDefinition().FullName : type.FullName)
            {
                case "System.Collections.Generic.IAsyncEnumerable`1":
                    advice = "return a list, or give the elements to a callback interface one by one";
                    break;
                case "System.IProgress`1":
                    advice = "use a callback interface";
                    break;
                case "System.DateOnly":
                    advice = "use DateTime";
                    break;
                case "System.TimeOnly":
                    advice = "use TimeSpan";
                    break;
                case "System.Memory`1":
                case "System.ReadOnlyMemory`1":
                    advice = "use byte[], or an array of another type";
                    break;
            }
            if (typeof(System.IO.Stream).IsAssignableFrom(type))
                advice = "use byte[], or give parts of it to a callback interface";
            else if (typeof(Delegate).IsAssignableFrom(type))
                advice = "it is a delegate; use a callback interface";
            else if (IsByRefLike(type))
                advice = "it lives on the stack of one thread; use an array";
            if (advice != null)
                throw new ArgumentException($"{type} cannot travel: {advice}.");
        }

        // By name, since the .NET Framework has no such property.
        private static bool IsByRefLike(Type type) => type.IsValueType && type.GetCustomAttributes(false)
            .Any(attribute => attribute.GetType().FullName == "System.Runtime.CompilerServices.IsByRefLikeAttribute");

        private static bool IsTuple(Type open) =>
            open.Namespace == "System" && (open.Name.StartsWith("ValueTuple`") || open.Name.StartsWith("Tuple`"));

        /// <summary>What holds no plain data, or whose kind the wire would have to name, does not travel.</summary>
        private static void RefuseUnlessPlain(Type type)
        {
            string? reason = null;
            if (typeof(System.Collections.IEnumerable).IsAssignableFrom(type))
                reason = "it is a collection that does not tell the type of its elements";
            else if (type.IsInterface || type.IsAbstract)
                reason = "it is abstract, and no message names a type to be made";
            else if (type.IsPointer || type.IsByRef || type == typeof(IntPtr) || type == typeof(UIntPtr))
                reason = "it is a place in memory";
            else if (typeof(System.Threading.Tasks.Task).IsAssignableFrom(type))
                reason = "a task is a method's result only";
            else if (type.Namespace == "System.Threading" || type.Namespace == "System.IO")
                reason = "it belongs to its process";
            if (reason != null)
                throw new ArgumentException($"{type} cannot travel: {reason}. Add a codec of your own if it has a value.");
        }

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
