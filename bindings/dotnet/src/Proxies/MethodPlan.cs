using System;
using System.Linq;
using System.Reflection;
using System.Threading;

namespace Callgate
{
    /// <summary>How a method travels: what it is called, what goes along, what comes back.</summary>
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
                throw new ArgumentException($"{Display}: a method that is RpcNonBlocking returns void.");
            Cancel = Array.FindIndex(Parameters, parameter => parameter.ParameterType == typeof(CancellationToken));
            Sent = Parameters.Where(parameter => parameter.ParameterType != typeof(CancellationToken)).ToArray();
            if (Parameters.Length - Sent.Length > 1)
                throw new ArgumentException($"{Display}: one CancellationToken is enough.");
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

        /// <summary>The parameters that travel: all but the cancellation token.</summary>
        public ParameterInfo[] Sent { get; }

        /// <summary>How many must be sent: those behind have default values.</summary>
        public int LeastSent { get; }

        /// <summary>The place of the cancellation token, or -1.</summary>
        public int Cancel { get; }

        public bool IsOneWay { get; }

        /// <summary>Whether it returns a task of any kind.</summary>
        public bool IsTask { get; }

        /// <summary>Whether that is a ValueTask.</summary>
        public bool IsValueTask { get; }

        /// <summary>What comes back: void, or the type, or that in the task.</summary>
        public Type Result { get; }

        /// <summary>What tells it apart from others of its name, e.g. "Add_Int32_Int32"; see <see cref="Signatures"/>.</summary>
        public string Signature { get; set; } = "";

        /// <summary>Whether others of its name take the same values, so that only a signature can mean it.</summary>
        public bool NeedsSignature { get; set; }

        /// <summary>Whether a caller that means one can be served by the other.</summary>
        public bool IsLike(MethodPlan other) => Method.Name == other.Method.Name && Signature == other.Signature;

        private void RefuseUnlessCallable()
        {
            if (Method.IsGenericMethodDefinition)
                throw new ArgumentException($"{Display}: generic methods cannot be called remotely.");
            foreach (ParameterInfo parameter in Parameters)
                if (parameter.ParameterType.IsByRef)
                    throw new ArgumentException(
                        $"{Display}: parameter '{parameter.Name}' is ref, in or out, which cannot cross a process; return a value.");
            if (Method.ReturnType.IsByRef)
                throw new ArgumentException($"{Display}: a reference cannot be returned from another process.");
        }

        // By name, since the .NET Framework has no ValueTask of its own: a package brings it.
        private static bool IsOf(Type type, string name) =>
            type.IsGenericType ? type.GetGenericTypeDefinition().FullName == name + "`1" : type.FullName == name;
    }
}
