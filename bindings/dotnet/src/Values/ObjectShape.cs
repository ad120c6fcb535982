using System;
using System.Collections.Generic;
using System.Linq;
using System.Linq.Expressions;
using System.Reflection;

namespace Callgate
{
    /// <summary>
    /// The members of a type that are sent, and the way to create an object from them. The constructor is the one with
    /// which the most members are sent; of several such, the one with the fewest parameters.
    /// </summary>
    internal sealed class ObjectShape<T>
    {
        private readonly Dictionary<string, int> _places = new Dictionary<string, int>();
        private readonly ParameterInfo[] _wanted;
        private readonly int[] _parameters;
        private readonly Func<object?[], object> _construct;

        public ObjectShape()
        {
            IReadOnlyList<DataMember> all = DataMembers.Of(typeof(T));
            ObjectConstructor chosen = ObjectConstructor.Choose(typeof(T), all);
            RefuseLoss(all.Except(chosen.Travelling));
            DataMember[] travelling = chosen.Travelling;
            if (travelling.Length == 0)
                throw new ArgumentException(
                    $"{typeof(T)} cannot be sent: it has no public property or field that can be read and set. Add a codec for it.");
            Name(travelling);
            Members = Array.ConvertAll(travelling, member => new ObjectMember<T>(member));
            _wanted = chosen.Parameters;
            _parameters = Array.ConvertAll(chosen.Members, member => Array.IndexOf(travelling, member));
            _construct = Compile(chosen.Constructor);
        }

        public ObjectMember<T>[] Members { get; }

        public bool TryFind(string name, out int place) => _places.TryGetValue(name, out place);

        /// <summary>Whether an object cannot be created without this member.</summary>
        public bool Needs(int member)
        {
            int parameter = Array.IndexOf(_parameters, member);
            return parameter >= 0 && !_wanted[parameter].HasDefaultValue;
        }

        /// <summary>Creates an object from the received values.</summary>
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
            // Hidden members first, since the members that hide them may replace them.
            for (int i = 0; i < values.Length; i++)
                if (isGiven[i] && Array.IndexOf(_parameters, i) < 0)
                    Members[i].Put(made, values[i]);
            return (T)made;
        }

        private static object? DefaultOf(Type type) => type.IsValueType ? Activator.CreateInstance(type) : null;

        private static void RefuseLoss(IEnumerable<DataMember> left)
        {
            DataMember? lost = left.FirstOrDefault(member => member.HoldsValue);
            if (lost != null)
                throw new ArgumentException(
                    $"{lost.Display} cannot be sent: nothing can set it. Give it a setter, which may be private, or a " +
                    "constructor a parameter of its name and type, or mark it with [IgnoreDataMember].");
        }

        /// <summary>A hidden member of a base type gets its type's name as a prefix.</summary>
        private void Name(DataMember[] members)
        {
            for (int i = 0; i < members.Length; i++)
            {
                if (members.Skip(i + 1).Any(later => later.OwnName == members[i].OwnName))
                    members[i].Qualify();
                _places[members[i].Name] = i;
            }
        }

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
