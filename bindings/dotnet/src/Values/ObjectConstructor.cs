using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;

namespace Callgate
{
    /// <summary>A way to make objects of a type, and which members travel by it.</summary>
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

        /// <summary>Null for the default value of a struct.</summary>
        public ConstructorInfo? Constructor { get; }

        public ParameterInfo[] Parameters { get; }

        /// <summary>For each parameter the member of its name.</summary>
        public DataMember[] Members { get; }

        /// <summary>The members that it, their setter, or filling them takes to the other side.</summary>
        public DataMember[] Travelling { get; }

        /// <summary>Throws an <see cref="ArgumentException"/> for a type that has none.</summary>
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
                    $"{type} cannot travel: it has neither a public constructor without parameters nor one " +
                    $"whose parameters are named like its properties{refusal}. Add a codec of your own.");
        }

        /// <summary>The member that a parameter is named like, if its type takes the member's values.</summary>
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
