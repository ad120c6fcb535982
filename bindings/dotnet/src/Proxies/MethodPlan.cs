using System;
using System.Linq;
using System.Reflection;
using System.Threading;

namespace Callgate
{
    /// <summary>How a method is called remotely: its name, its arguments, its result.</summary>
    internal sealed class MethodPlan
    {
        public MethodPlan(Type contract, MethodInfo method)
        {
            Method = method;
            Display = $"{InterfacePlan.NameOf(contract)}.{method.Name}";
            Parameters = method.GetParameters();
            RefuseUnlessCallable();
            IsOneWay = method.IsDefined(typeof(RpcNonBlockingAttribute), inherit: true);
            if (IsOneWay && method.ReturnType != typeof(void))
                throw new ArgumentException($"{Display}: an RpcNonBlocking method must return void.");
            Cancel = Array.FindIndex(Parameters, parameter => parameter.ParameterType == typeof(CancellationToken));
            Sent = Parameters.Where(parameter => parameter.ParameterType != typeof(CancellationToken)).ToArray();
            if (Parameters.Length - Sent.Length > 1)
                throw new ArgumentException($"{Display}: a method can have only one CancellationToken.");
            LeastSent = Sent.TakeWhile(parameter => !parameter.HasDefaultValue).Count();
            IsValueTask = IsOf(method.ReturnType, "System.Threading.Tasks.ValueTask");
            IsTask = IsValueTask || IsOf(method.ReturnType, "System.Threading.Tasks.Task");
            Result = !IsTask ? method.ReturnType
                : method.ReturnType.IsGenericType ? method.ReturnType.GetGenericArguments()[0]
                : typeof(void);
        }

        public MethodInfo Method { get; }

        /// <summary>Interface and name, for messages.</summary>
        public string Display { get; }

        public ParameterInfo[] Parameters { get; }

        /// <summary>The parameters that are sent: all except the cancellation token.</summary>
        public ParameterInfo[] Sent { get; }

        /// <summary>The number of arguments that must be sent; the others have default values.</summary>
        public int LeastSent { get; }

        /// <summary>The position of the cancellation token, or -1.</summary>
        public int Cancel { get; }

        public bool IsOneWay { get; }

        /// <summary>Whether it returns a task of any kind.</summary>
        public bool IsTask { get; }

        /// <summary>Whether the task is a ValueTask.</summary>
        public bool IsValueTask { get; }

        /// <summary>The type of the result: void, or the return type, or the result type of the task.</summary>
        public Type Result { get; }

        /// <summary>The signature, which distinguishes overloads, e.g. "Add_Int32_Int32"; see <see cref="Signatures"/>.</summary>
        public string Signature { get; set; } = "";

        /// <summary>Whether another overload takes the same values, so that callers must send the signature.</summary>
        public bool NeedsSignature { get; set; }

        /// <summary>Whether a call of one method can be served by the other.</summary>
        public bool IsLike(MethodPlan other) => Method.Name == other.Method.Name && Signature == other.Signature;

        private void RefuseUnlessCallable()
        {
            if (Method.IsGenericMethodDefinition)
                throw new ArgumentException($"{Display}: generic methods cannot be called remotely.");
            foreach (ParameterInfo parameter in Parameters)
                if (parameter.ParameterType.IsByRef)
                    throw new ArgumentException(
                        $"{Display}: parameter '{parameter.Name}' is ref, in or out, which cannot be sent: return a value instead.");
            if (Method.ReturnType.IsByRef)
                throw new ArgumentException($"{Display}: a reference cannot be returned from another process: return a value.");
        }

        // By name, since on the .NET Framework ValueTask comes from a package.
        private static bool IsOf(Type type, string name) =>
            type.IsGenericType ? type.GetGenericTypeDefinition().FullName == name + "`1" : type.FullName == name;
    }
}
