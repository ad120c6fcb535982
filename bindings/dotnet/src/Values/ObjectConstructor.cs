using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;

namespace Callgate
{
    /// <summary>A way to create objects of a type, and the members that are sent with it.</summary>
    internal sealed class ObjectConstructor
    {
        private ObjectConstructor(ConstructorInfo? constructor, DataMember[] members, IEnumerable<DataMember> all)
        {
            Constructor = constructor;
            Parameters = constructor?.GetParameters() ?? new ParameterInfo[0];
            Members = members;
            Travelling = all.Where(member => member.CanSet || members.Contains(member)
                || CollectionTypes.FilledWith(member.Type) != null).ToArray();
        }

        /// <summary>The constructor; null for the default value of a struct.</summary>
        public ConstructorInfo? Constructor { get; }

        public ParameterInfo[] Parameters { get; }

        /// <summary>The member for each parameter, by name.</summary>
        public DataMember[] Members { get; }

        /// <summary>The members that are sent: the constructor or a setter sets them, or they can be filled.</summary>
        public DataMember[] Travelling { get; }

        /// <summary>Throws an <see cref="ArgumentException"/> for a type without a suitable constructor.</summary>
        public static ObjectConstructor Choose(Type type, IReadOnlyList<DataMember> all)
        {
            string refusal = "";
            var possible = new List<ObjectConstructor>();
            if (type.IsValueType)
                possible.Add(new ObjectConstructor(null, new DataMember[0], all));
            foreach (ConstructorInfo constructor in type.GetConstructors())
            {
                DataMember?[] members = Array.ConvertAll(
                    constructor.GetParameters(), parameter => Match(parameter, all, ref refusal));
                if (!members.Contains(null))
                    possible.Add(new ObjectConstructor(constructor, members!, all));
            }
            return possible.OrderByDescending(one => one.Travelling.Length).ThenBy(one => one.Parameters.Length).FirstOrDefault()
                ?? throw new ArgumentException(
                    $"{type} cannot be sent: it has neither a public constructor without parameters nor one " +
                    $"whose parameters are named like its properties{refusal}. Add a codec for it.");
        }

        /// <summary>The member with the name of a parameter, if the parameter accepts the member's values.</summary>
        private static DataMember? Match(ParameterInfo parameter, IReadOnlyList<DataMember> all, ref string refusal)
        {
            DataMember? member = all.LastOrDefault(
                one => string.Equals(one.OwnName, parameter.Name, StringComparison.OrdinalIgnoreCase));
            if (member == null || parameter.ParameterType.IsAssignableFrom(member.Type))
                return member;
            refusal = $": the parameter '{parameter.Name}' is a {parameter.ParameterType}, but {member.OwnName} is a {member.Type}";
            return null;
        }
    }
}
