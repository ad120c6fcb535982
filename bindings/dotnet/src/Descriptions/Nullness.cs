using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;

namespace Callgate
{
    /// <summary>Whether a value of a reference type may be null, as the compiler's annotations say.</summary>
    internal enum Nullness : byte
    {
        /// <summary>The code has no annotations.</summary>
        Unknown = 0,

        /// <summary>Never null.</summary>
        Never = 1,

        /// <summary>Maybe null.</summary>
        Maybe = 2,
    }

    /// <summary>
    /// The annotations of a parameter, result or member. The compiler writes one for each reference type and generic type
    /// within its type, from the outside in and from left to right; or a single one that is valid for all of them.
    /// </summary>
    internal sealed class NullAnnotations
    {
        // By name, since the compiler puts attributes of its own into each assembly.
        private const string Attribute = "System.Runtime.CompilerServices.NullableAttribute";
        private const string Context = "System.Runtime.CompilerServices.NullableContextAttribute";

        private readonly IReadOnlyList<Nullness> _all;
        private int _next;

        private NullAnnotations(IReadOnlyList<Nullness> all) => _all = all;

        /// <summary>Without annotations.</summary>
        public static NullAnnotations None { get; } = new NullAnnotations(new[] { Nullness.Unknown });

        public static NullAnnotations Of(ParameterInfo parameter) =>
            new NullAnnotations(Find(parameter.GetCustomAttributesData(), Attribute) ?? ContextOf(parameter.Member));

        public static NullAnnotations Of(FieldInfo field) =>
            new NullAnnotations(Find(field.GetCustomAttributesData(), Attribute) ?? ContextOf(field.DeclaringType));

        /// <summary>The next annotation.</summary>
        public Nullness Next() =>
            _all.Count == 1 ? _all[0] : _next < _all.Count ? _all[_next++] : Nullness.Unknown;

        /// <summary>What the surroundings of a member say about all types without an annotation.</summary>
        private static IReadOnlyList<Nullness> ContextOf(MemberInfo? member)
        {
            for (; member != null; member = member.DeclaringType)
                if (Find(member.GetCustomAttributesData(), Context) is IReadOnlyList<Nullness> found)
                    return found;
            return new[] { Nullness.Unknown };
        }

        private static IReadOnlyList<Nullness>? Find(IEnumerable<CustomAttributeData> attributes, string name)
        {
            CustomAttributeData? found = attributes.FirstOrDefault(
                one => one.Constructor.DeclaringType?.FullName == name && one.ConstructorArguments.Count == 1);
            switch (found?.ConstructorArguments[0].Value)
            {
                case byte all: return new[] { (Nullness)all };
                case IEnumerable<CustomAttributeTypedArgument> each:
                    return each.Select(one => one.Value is byte value ? (Nullness)value : Nullness.Unknown).ToArray();
                default: return null;
            }
        }
    }

    /// <summary>A type as it is used in one place, with the annotations of its parts.</summary>
    internal sealed class TypeUse
    {
        private readonly TypeUse[] _parts;

        private TypeUse(Type type, NullAnnotations annotations)
        {
            Type = type;
            Type[] parts = type.IsArray ? new[] { type.GetElementType()! } : type.GetGenericArguments();
            // A Nullable<T> and plain values have no annotation.
            bool isAnnotated = !type.IsValueType || (type.IsGenericType && Nullable.GetUnderlyingType(type) == null);
            Nullness own = isAnnotated ? annotations.Next() : Nullness.Never;
            Nullness = type.IsValueType ? Nullness.Never : own;
            _parts = Array.ConvertAll(parts, part => new TypeUse(part, annotations));
        }

        public Type Type { get; }

        public Nullness Nullness { get; }

        public static TypeUse Of(Type type) => new TypeUse(type, NullAnnotations.None);

        public static TypeUse Of(ParameterInfo parameter) => new TypeUse(parameter.ParameterType, NullAnnotations.Of(parameter));

        public static TypeUse Of(DataMember member)
        {
            // The annotations of a generic class's members are those of its definition.
            if (member.DeclaringType.IsGenericType)
                return Of(member.Type);
            NullAnnotations annotations = member.Field != null ? NullAnnotations.Of(member.Field)
                : member.Getter != null ? NullAnnotations.Of(member.Getter.ReturnParameter)
                : NullAnnotations.None;
            return new TypeUse(member.Type, annotations);
        }

        /// <summary>The use of a type among the parts; without annotations if it is none of them.</summary>
        public TypeUse Part(Type type, bool isLast = false) =>
            (isLast ? _parts.LastOrDefault(part => part.Type == type) : _parts.FirstOrDefault(part => part.Type == type))
                ?? Of(type);

        /// <summary>The parts in order.</summary>
        public IEnumerable<TypeUse> Parts => _parts;
    }
}
