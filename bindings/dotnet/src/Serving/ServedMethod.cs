using System;
using System.Linq;
using System.Linq.Expressions;
using System.Reflection;
using System.Threading;
using System.Threading.Tasks;

namespace Callgate
{
    /// <summary>A method that is served: a compiled function reads the arguments, calls the delegate and replies.</summary>
    internal sealed class ServedMethod
    {
        private const BindingFlags Members = BindingFlags.Public | BindingFlags.Instance;

        public ServedMethod(BoundMethod bound)
        {
            Bound = bound;
            Fits = Array.ConvertAll(Plan.Sent, parameter => MakeFit(parameter.ParameterType));
            Invoke = Compile();
        }

        public BoundMethod Bound { get; }

        public MethodPlan Plan => Bound.Plan!;

        /// <summary>Reads the arguments from the call, calls the delegate, and passes the result to the call.</summary>
        public Action<object, IncomingCall> Invoke { get; }

        /// <summary>For each argument: whether the next value matches its type; if strict, whether exactly.</summary>
        public Func<MessageReader, bool, bool>[] Fits { get; }

        public bool Takes(int count) => count >= Plan.LeastSent && count <= Plan.Sent.Length;

        private Action<object, IncomingCall> Compile()
        {
            var target = Expression.Parameter(typeof(object));
            var call = Expression.Parameter(typeof(IncomingCall));
            ParameterExpression[] arguments =
                Array.ConvertAll(Plan.Parameters, parameter => Expression.Variable(parameter.ParameterType));
            var steps = arguments.Select((argument, i) => (Expression)Expression.Assign(argument, Argument(call, i))).ToList();
            steps.Add(Expression.Call(call, typeof(IncomingCall).GetMethod(nameof(IncomingCall.BeginRun), Members)!));
            Expression run = Expression.Call(
                Expression.Convert(target, Plan.Method.DeclaringType!), Plan.Method, arguments);
            if (Plan.IsValueTask)
                run = Expression.Call(run, Plan.Method.ReturnType.GetMethod("AsTask")!);
            if (Plan.Method.ReturnType == typeof(void))
            {
                steps.Add(run);
                steps.Add(Expression.Call(call, ReplyMethod(nameof(IncomingCall.Reply), null)));
            }
            else
            {
                Type? result = Plan.Result == typeof(void) ? null : Plan.Result;
                string reply = Plan.IsTask ? nameof(IncomingCall.ReplyLater) : nameof(IncomingCall.Reply);
                steps.Add(Expression.Call(call, ReplyMethod(reply, result), run));
            }
            return Expression.Lambda<Action<object, IncomingCall>>(
                Expression.Block(arguments, steps), target, call).Compile();
        }

        private Expression Argument(Expression call, int place)
        {
            ParameterInfo parameter = Plan.Parameters[place];
            if (parameter.ParameterType == typeof(CancellationToken))
                return Expression.Property(call, nameof(IncomingCall.Token));
            MethodInfo next = typeof(IncomingCall).GetMethod(nameof(IncomingCall.Next), Members)!;
            return Expression.Call(
                call, next.MakeGenericMethod(parameter.ParameterType), Expression.Constant(Array.IndexOf(Plan.Sent, parameter)));
        }

        private static MethodInfo ReplyMethod(string name, Type? result)
        {
            MethodInfo method = typeof(IncomingCall).GetMethods(Members)
                .Single(found => found.Name == name && found.IsGenericMethodDefinition == (result != null));
            return result == null ? method : method.MakeGenericMethod(result);
        }

        private Func<MessageReader, bool, bool> MakeFit(Type type)
        {
            MethodInfo fit = typeof(ServedMethod).GetMethod(nameof(Fit), BindingFlags.NonPublic | BindingFlags.Static)!;
            int place = Array.FindIndex(Plan.Sent, parameter => parameter.ParameterType == type);
            var make = (Func<object, Func<MessageReader, bool, bool>>)fit.MakeGenericMethod(type)
                .CreateDelegate(typeof(Func<object, Func<MessageReader, bool, bool>>));
            return make(Bound.Arguments[place]);
        }

        private static Func<MessageReader, bool, bool> Fit<T>(object untyped)
        {
            var codec = (Codec<T>)untyped;
            return (reader, isStrict) =>
            {
                if (isStrict && !codec.IsNatural(reader.NextKind))
                    return false;
                try
                {
                    codec.Read(reader);
                    return true;
                }
                catch (ContractMismatchException)
                {
                    return false;
                }
            };
        }
    }
}
