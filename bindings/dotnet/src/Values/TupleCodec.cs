using System;
using System.Collections.Generic;
using System.Linq;
using System.Linq.Expressions;

namespace Callgate
{
    /// <summary>The codec of both kinds of tuples: an array, in which the eighth item contains the rest, as in .NET.</summary>
    internal sealed class TupleCodec<T> : Codec<T>, IComposite
    {
        private readonly IUntyped[] _parts;
        private readonly Func<T, object?[]> _take;
        private readonly Func<object?[], T> _make;

        public TupleCodec(Serializer serializer)
        {
            Type[] types = typeof(T).GetGenericArguments();
            _parts = Array.ConvertAll(types, type => Untyping.Of(serializer, type));
            var tuple = Expression.Parameter(typeof(T));
            var values = Expression.Parameter(typeof(object[]));
            var taken = new Expression[types.Length];
            var given = new Expression[types.Length];
            for (int i = 0; i < types.Length; i++)
            {
                string name = i < 7 ? $"Item{i + 1}" : "Rest";
                taken[i] = Expression.Convert(Expression.PropertyOrField(tuple, name), typeof(object));
                given[i] = Expression.Convert(Expression.ArrayIndex(values, Expression.Constant(i)), types[i]);
            }
            _take = Expression.Lambda<Func<T, object?[]>>(
                Expression.NewArrayInit(typeof(object), taken), tuple).Compile();
            _make = Expression.Lambda<Func<object?[], T>>(
                Expression.New(typeof(T).GetConstructor(types)!, given), values).Compile();
        }

        public IEnumerable<ValuePart> Parts =>
            typeof(T).GetGenericArguments().Select(type => new ValuePart(type));

        public override void Write(MessageWriter writer, T value)
        {
            if (value == null)
            {
                writer.WriteNil();
                return;
            }
            object?[] values = _take(value);
            writer.BeginArray(values.Length);
            for (int i = 0; i < values.Length; i++)
                _parts[i].Write(writer, values[i]);
            writer.End();
        }

        public override T Read(MessageReader reader)
        {
            if (default(T)! == null && reader.TryReadNil())
                return default!;
            int count = reader.ReadArray();
            if (count != _parts.Length)
                throw new ContractMismatchException($"expected an array of {_parts.Length}, found one of {count}");
            return _make(Array.ConvertAll(_parts, part => part.Read(reader)));
        }

        public override bool IsNatural(ValueKind kind) => kind == ValueKind.Array;
    }
}
