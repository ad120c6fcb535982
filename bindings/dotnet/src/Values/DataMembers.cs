using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using System.Runtime.Serialization;

namespace Callgate
{
    /// <summary>A public property or field of an object, with the accessors that base types give it.</summary>
    internal sealed class DataMember
    {
        private bool _isAutomatic;

        public DataMember(FieldInfo field)
        {
            OwnName = Name = field.Name;
            Type = field.FieldType;
            DeclaringType = field.DeclaringType!;
            Field = field;
            IsIgnored = field.IsNotSerialized || IsMarked(field);
        }

        public DataMember(PropertyInfo property)
        {
            OwnName = Name = property.Name;
            Type = property.PropertyType;
            DeclaringType = property.DeclaringType!;
            Merge(property);
        }

        /// <summary>Its name in its type.</summary>
        public string OwnName { get; }

        /// <summary>Its name on the wire.</summary>
        public string Name { get; private set; }

        public Type Type { get; }

        public Type DeclaringType { get; }

        /// <summary>For messages.</summary>
        public string Display => $"{DeclaringType}.{OwnName}";

        public FieldInfo? Field { get; }

        public MethodInfo? Getter { get; private set; }

        /// <summary>Of any visibility.</summary>
        public MethodInfo? Setter { get; private set; }

        /// <summary>Whether the program has marked it as no part of the value.</summary>
        public bool IsIgnored { get; private set; }

        public bool IsPublic => Field != null || Getter?.IsPublic == true;

        public bool CanSet => Setter != null || Field?.IsInitOnly == false;

        /// <summary>Whether it holds a value: all but a property that a getter computes, as far as can be seen.</summary>
        public bool HoldsValue => CanSet || Field != null || _isAutomatic;

        /// <summary>Whether the property is this one, overridden.</summary>
        public bool IsOverriddenBy(PropertyInfo property) =>
            property.Name == OwnName && Field == null && property.GetAccessors(true)
                .Any(accessor => accessor.GetBaseDefinition().DeclaringType == DeclaringType && accessor.DeclaringType != DeclaringType);

        /// <summary>Takes the accessors of a property; what it lacks stays as it was.</summary>
        public void Merge(PropertyInfo property)
        {
            // Those of the base type, where it has them: they call what overrides them.
            Getter ??= property.GetGetMethod(true);
            Setter ??= property.GetSetMethod(true);
            _isAutomatic |= property.DeclaringType!.GetField(
                $"<{OwnName}>k__BackingField", BindingFlags.NonPublic | BindingFlags.Instance) != null;
            IsIgnored |= IsMarked(property);
        }

        /// <summary>Puts its type's name before its own: another member has that name.</summary>
        public void Qualify() => Name = $"{DeclaringType.Name}.{OwnName}";

        private static bool IsMarked(MemberInfo member) => member.IsDefined(typeof(IgnoreDataMemberAttribute), inherit: false);
    }

    /// <summary>The members of a type that may travel.</summary>
    internal static class DataMembers
    {
        private const BindingFlags Declared = BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly;

        /// <summary>Those of base types first.</summary>
        public static IReadOnlyList<DataMember> Of(Type type)
        {
            var all = new List<DataMember>();
            foreach (Type part in BasesOf(type).Reverse())
            {
                foreach (PropertyInfo property in part.GetProperties(Declared).Where(one => one.GetIndexParameters().Length == 0))
                    Add(all, property);
                all.AddRange(part.GetFields(Declared).Select(field => new DataMember(field)));
            }
            return all.Where(member => member.IsPublic && !member.IsIgnored).ToArray();
        }

        private static IEnumerable<Type> BasesOf(Type type)
        {
            for (Type? part = type; part != null && part != typeof(object); part = part.BaseType)
                yield return part;
        }

        private static void Add(List<DataMember> all, PropertyInfo property)
        {
            DataMember? overridden = all.LastOrDefault(member => member.IsOverriddenBy(property));
            if (overridden == null)
                all.Add(new DataMember(property));
            else
                overridden.Merge(property);
        }
    }
}
