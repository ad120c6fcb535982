using System;
using System.Linq.Expressions;
using System.Reflection;

namespace Callgate
{
    /// <summary>A member that is sent: gets its value from an object, and sets it.</summary>
    internal sealed class ObjectMember<T>
    {
        private Func<T, object?>? _get;
        private Action<object, object?>? _put;

        public ObjectMember(DataMember member) => Member = member;

        public DataMember Member { get; }

        public string Name => Member.Name;

        public Type Type => Member.Type;

        /// <summary>For messages.</summary>
        public string Display => Member.Display;

        // Created late: a type that cannot be sent is rejected before its accessors are compiled.
        public Func<T, object?> Get => _get ??= MakeGetter();

        /// <summary>Sets the value in a boxed object, or fills the existing collection.</summary>
        public Action<object, object?> Put => _put ??= Member.CanSet ? MakeSetter() : MakeFiller();

        private Func<T, object?> MakeGetter()
        {
            var target = Expression.Parameter(typeof(T));
            return Expression.Lambda<Func<T, object?>>(Expression.Convert(Access(target), typeof(object)), target).Compile();
        }

        private Action<object, object?> MakeSetter()
        {
            var boxed = Expression.Parameter(typeof(object));
            var value = Expression.Parameter(typeof(object));
            Expression target = typeof(T).IsValueType
                ? Expression.Unbox(boxed, typeof(T))
                : (Expression)Expression.Convert(boxed, Member.DeclaringType);
            Expression typed = Expression.Convert(value, Type);
            Expression set = Member.Field != null
                ? Expression.Assign(Expression.Field(target, Member.Field), typed)
                : (Expression)Expression.Call(target, Member.Setter!, typed);
            return Expression.Lambda<Action<object, object?>>(set, boxed, value).Compile();
        }

        private Action<object, object?> MakeFiller()
        {
            Type element = CollectionTypes.FilledWith(Type)!;
            MethodInfo fill = typeof(CollectionTypes).GetMethod(nameof(CollectionTypes.Fill))!.MakeGenericMethod(element);
            var filler = (Action<object?, object?, string>)fill.CreateDelegate(typeof(Action<object?, object?, string>));
            return (made, values) => filler(Get((T)made), values, Display);
        }

        private Expression Access(Expression target)
        {
            Expression declared = typeof(T) == Member.DeclaringType
                ? target
                : Expression.Convert(target, Member.DeclaringType);
            return Member.Field != null
                ? Expression.Field(declared, Member.Field)
                : (Expression)Expression.Call(declared, Member.Getter!);
        }
    }
}
