using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using System.Runtime.Serialization;

namespace Callgate
{
    /// <summary>A public property or field of an object, with accessors that may come from base types.</summary>
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

        /// <summary>The member's name in its type.</summary>
        public string OwnName { get; }

        /// <summary>The member's name on the wire.</summary>
        public string Name { get; private set; }

        public Type Type { get; }

        public Type DeclaringType { get; }

        /// <summary>For messages.</summary>
        public string Display => $"{DeclaringType}.{OwnName}";

        public FieldInfo? Field { get; }

        public MethodInfo? Getter { get; private set; }

        /// <summary>The setter, of any visibility.</summary>
        public MethodInfo? Setter { get; private set; }

        /// <summary>Whether the program has excluded the member from the value.</summary>
        public bool IsIgnored { get; private set; }

        public bool IsPublic => Field != null || Getter?.IsPublic == true;

        public bool CanSet => Setter != null || Field?.IsInitOnly == false;

        /// <summary>Whether the member stores a value. False for a property whose getter appears to compute it.</summary>
        public bool HoldsValue => CanSet || Field != null || _isAutomatic;

        /// <summary>Whether the property overrides this one.</summary>
        public bool IsOverriddenBy(PropertyInfo property) =>
            property.Name == OwnName && Field == null && property.GetAccessors(true)
                .Any(accessor => accessor.GetBaseDefinition().DeclaringType == DeclaringType && accessor.DeclaringType != DeclaringType);

        /// <summary>Adopts the accessors of a property. Accessors that it lacks do not change.</summary>
        public void Merge(PropertyInfo property)
        {
            // Prefers the accessors of the base type, since they call those that override them.
            Getter ??= property.GetGetMethod(true);
            Setter ??= property.GetSetMethod(true);
            _isAutomatic |= property.DeclaringType!.GetField(
                $"<{OwnName}>k__BackingField", BindingFlags.NonPublic | BindingFlags.Instance) != null;
            IsIgnored |= IsMarked(property);
        }

        /// <summary>Adds the type's name as a prefix, since another member has the same name.</summary>
        public void Qualify() => Name = $"{DeclaringType.Name}.{OwnName}";

        private static bool IsMarked(MemberInfo member) => member.IsDefined(typeof(IgnoreDataMemberAttribute), inherit: false);
    }

    /// <summary>The members of a type that can be sent.</summary>
    internal static class DataMembers
    {
        private const BindingFlags Declared = BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly;

        /// <summary>The members, those of base types first.</summary>
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
