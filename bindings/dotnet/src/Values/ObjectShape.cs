using System;
using System.Collections.Generic;
using System.Linq;
using System.Linq.Expressions;
using System.Reflection;

namespace Callgate
{
    /// <summary>
    /// The members of a type that travel, and how one is made of their values: by its constructor without
    /// parameters, else by the longest one whose parameters are named like members, as records have.
    /// </summary>
    internal sealed class ObjectShape<T>
    {
        private const BindingFlags Public = BindingFlags.Public | BindingFlags.Instance;

        private readonly Dictionary<string, int> _places = new Dictionary<string, int>();
        private readonly ParameterInfo[] _wanted;
        private readonly int[] _parameters;
        private readonly Func<object?[], object> _construct;

        public ObjectShape()
        {
            ConstructorInfo? constructor = Choose();
            _wanted = constructor?.GetParameters() ?? new ParameterInfo[0];
            string[] names = Array.ConvertAll(_wanted, parameter => parameter.Name!);
            Members = FindMembers().Select(member => new ObjectMember<T>(member))
                .Where(member => member.Set != null || names.Contains(member.Name, StringComparer.OrdinalIgnoreCase))
                .ToArray();
            if (Members.Length == 0)
                throw new ArgumentException(
                    $"{typeof(T)} cannot travel: it has no public property or field that can be read and set.");
            for (int i = 0; i < Members.Length; i++)
                _places[Members[i].Name] = i;
            _parameters = Array.ConvertAll(names, PlaceOf);
            _construct = Compile(constructor);
        }

        public ObjectMember<T>[] Members { get; }

        public bool TryFind(string name, out int place) => _places.TryGetValue(name, out place);

        /// <summary>Makes one of the values that were given.</summary>
        public T Make(object?[] values, bool[] isGiven)
        {
            for (int i = 0; i < _parameters.Length; i++)
            {
                int member = _parameters[i];
                if (isGiven[member])
                    continue;
                if (!_wanted[i].HasDefaultValue)
                    throw new ContractMismatchException($"{typeof(T).Name}.{Members[member].Name} is missing");
                values[member] = _wanted[i].DefaultValue ?? DefaultOf(Members[member].Type);
            }
            object made = _construct(values);
            for (int i = 0; i < values.Length; i++)
                if (isGiven[i] && Array.IndexOf(_parameters, i) < 0)
                    Members[i].Set!(made, values[i]);
            return (T)made;
        }

        private static object? DefaultOf(Type type) => type.IsValueType ? Activator.CreateInstance(type) : null;

        private static IEnumerable<MemberInfo> FindMembers() =>
            typeof(T).GetProperties(Public)
                .Where(property => property.GetGetMethod() != null && property.GetIndexParameters().Length == 0)
                .Concat<MemberInfo>(typeof(T).GetFields(Public));

        private static ConstructorInfo? Choose()
        {
            if (typeof(T).IsValueType && !typeof(T).GetConstructors().Any(FitsMembers))
                return null;
            ConstructorInfo? plain = typeof(T).GetConstructor(Type.EmptyTypes);
            if (plain != null)
                return plain;
            ConstructorInfo? fit = typeof(T).GetConstructors().Where(FitsMembers)
                .OrderByDescending(constructor => constructor.GetParameters().Length).FirstOrDefault();
            if (fit == null)
                throw new ArgumentException(
                    $"{typeof(T)} cannot travel: it has neither a public constructor without parameters nor one " +
                    "whose parameters are named like its properties. Add a codec of your own.");
            return fit;
        }

        private static bool FitsMembers(ConstructorInfo constructor)
        {
            string[] members = FindMembers().Select(member => member.Name).ToArray();
            return constructor.GetParameters().Length > 0 && constructor.GetParameters()
                .All(parameter => members.Contains(parameter.Name, StringComparer.OrdinalIgnoreCase));
        }

        private int PlaceOf(string parameter) =>
            Array.FindIndex(Members, member => string.Equals(member.Name, parameter, StringComparison.OrdinalIgnoreCase));

        private Func<object?[], object> Compile(ConstructorInfo? constructor)
        {
            var values = Expression.Parameter(typeof(object[]));
            Expression made = constructor == null
                ? Expression.New(typeof(T))
                : Expression.New(constructor, constructor.GetParameters().Select((parameter, i) => Expression.Convert(
                    Expression.ArrayIndex(values, Expression.Constant(_parameters[i])), parameter.ParameterType)));
            return Expression.Lambda<Func<object?[], object>>(Expression.Convert(made, typeof(object)), values).Compile();
        }
    }
}
