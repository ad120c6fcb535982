using System;
using System.Collections.Concurrent;
using System.Linq.Expressions;
using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;
using System.Threading;
using Callgate.Abi;
using Callgate.Runtime;

namespace Callgate
{
    /// <summary>
    /// Generates the classes of proxies. Each method makes its call without boxing and without reflection. .NET Core, the
    /// .NET Framework and mono all have Reflection.Emit, so one implementation is enough.
    /// </summary>
    internal static class ProxyTypes
    {
        private const MethodAttributes Implementing =
            MethodAttributes.Public | MethodAttributes.Virtual | MethodAttributes.Final |
            MethodAttributes.HideBySig | MethodAttributes.NewSlot;

        private const BindingFlags Protected = BindingFlags.NonPublic | BindingFlags.Instance;

        private static readonly ConcurrentDictionary<Type, Lazy<Func<ProxyBase>>> Makers =
            new ConcurrentDictionary<Type, Lazy<Func<ProxyBase>>>();

        private static readonly ConcurrentDictionary<Assembly, ModuleBuilder> Modules =
            new ConcurrentDictionary<Assembly, ModuleBuilder>();

        /// <summary>Creates a proxy of an interface from its handle.</summary>
        public static object Make(InterfacePlan plan, ProxyHandle handle, ProxyContext context)
        {
            BoundMethod[] methods = BoundMethod.AllOf(plan, context.Serializer);
            ProxyBase made = MakerOf(plan)();
            made.Remote = new RemoteObject(plan.Name, handle, methods, context);
            return made;
        }

        /// <summary>
        /// Throws an <see cref="ArgumentException"/> for an interface whose values cannot be sent, or that no proxy can
        /// implement.
        /// </summary>
        public static void Prepare(InterfacePlan plan, Serializer serializer)
        {
            BoundMethod.AllOf(plan, serializer);
            MakerOf(plan);
        }

        private static Func<ProxyBase> MakerOf(InterfacePlan plan) =>
            Makers.GetOrAdd(plan.Type, _ => new Lazy<Func<ProxyBase>>(() => Compile(plan))).Value;

        private static Func<ProxyBase> Compile(InterfacePlan plan)
        {
            ModuleBuilder module = Modules.GetOrAdd(plan.Type.Assembly, MakeModule);
            TypeBuilder type;
            lock (module)
                type = module.DefineType(
                    $"Proxy{Guid.NewGuid():N}.{plan.Type.Name}", TypeAttributes.Sealed | TypeAttributes.Public, typeof(ProxyBase));
            type.AddInterfaceImplementation(plan.Type);
            for (int i = 0; i < plan.Methods.Length; i++)
                Emit(type, plan.Methods[i], i);
            if (plan.AsyncDisposal is MethodInfo disposal)
                EmitDisposal(type, disposal);
            return Expression.Lambda<Func<ProxyBase>>(Expression.New(Finish(type, plan))).Compile();
        }

        private static Type Finish(TypeBuilder type, InterfacePlan plan)
        {
            try
            {
                return type.CreateTypeInfo()!.AsType();
            }
            catch (TypeLoadException failure)
            {
                throw new ArgumentException(
                    $"no proxy can implement {plan.Type}; try to make the interface public: {failure.Message}",
                    failure);
            }
        }

        /// <summary>The dynamic module for the proxies of an assembly's interfaces, internal ones included.</summary>
        private static ModuleBuilder MakeModule(Assembly contracts)
        {
            string name = $"Callgate.Proxies.{contracts.GetName().Name}";
            AssemblyBuilder made = AssemblyBuilder.DefineDynamicAssembly(new AssemblyName(name), AssemblyBuilderAccess.Run);
            made.SetCustomAttribute(new CustomAttributeBuilder(
                typeof(IgnoresAccessChecksToAttribute).GetConstructor(new[] { typeof(string) })!,
                new object[] { contracts.GetName().Name! }));
            return made.DefineDynamicModule(name);
        }

        private static void Emit(TypeBuilder type, MethodPlan plan, int index)
        {
            Type[] parameters = Array.ConvertAll(plan.Parameters, parameter => parameter.ParameterType);
            MethodBuilder method = type.DefineMethod(
                $"{plan.Method.DeclaringType}.{plan.Method.Name}", Implementing, plan.Method.ReturnType, parameters);
            ILGenerator il = method.GetILGenerator();
            il.Emit(OpCodes.Ldarg_0); // The target of the method that finishes the call.
            il.Emit(OpCodes.Ldarg_0);
            il.Emit(OpCodes.Ldc_I4, index);
            il.Emit(OpCodes.Call, typeof(ProxyBase).GetMethod("Begin", Protected)!);
            for (int i = 0; i < parameters.Length; i++)
            {
                il.Emit(OpCodes.Dup);
                il.Emit(OpCodes.Ldarg, i + 1);
                il.Emit(OpCodes.Call, parameters[i] == typeof(CancellationToken)
                    ? typeof(OutgoingCall).GetMethod(nameof(OutgoingCall.CancelBy))!
                    : typeof(OutgoingCall).GetMethod(nameof(OutgoingCall.Add))!.MakeGenericMethod(parameters[i]));
            }
            MethodInfo finisher = Finisher(plan);
            il.Emit(OpCodes.Call, finisher);
            if (plan.IsValueTask)
                il.Emit(OpCodes.Newobj, plan.Method.ReturnType.GetConstructor(new[] { finisher.ReturnType })!);
            il.Emit(OpCodes.Ret);
            type.DefineMethodOverride(method, plan.Method);
            CopyAttributes(method, plan);
        }

        private static void CopyAttributes(MethodBuilder method, MethodPlan plan)
        {
            foreach (object found in plan.Method.GetCustomAttributes(typeof(ProxyShouldImplementAttribute), inherit: true))
            {
                ConstructorInfo constructor = found.GetType().GetConstructor(Type.EmptyTypes)
                    ?? throw new ArgumentException(
                        $"{plan.Display}: a proxy cannot have the attribute {found.GetType()}: it needs a public constructor without parameters.");
                method.SetCustomAttribute(new CustomAttributeBuilder(constructor, new object[0]));
            }
        }

        /// <summary>Emits a method that disposes the proxy and returns the default ValueTask, which is complete.</summary>
        private static void EmitDisposal(TypeBuilder type, MethodInfo disposal)
        {
            MethodBuilder method = type.DefineMethod(disposal.Name, Implementing, disposal.ReturnType, Type.EmptyTypes);
            ILGenerator il = method.GetILGenerator();
            LocalBuilder done = il.DeclareLocal(disposal.ReturnType);
            il.Emit(OpCodes.Ldarg_0);
            il.Emit(OpCodes.Call, typeof(ProxyBase).GetMethod(nameof(ProxyBase.Dispose))!);
            il.Emit(OpCodes.Ldloca, done);
            il.Emit(OpCodes.Initobj, disposal.ReturnType);
            il.Emit(OpCodes.Ldloc, done);
            il.Emit(OpCodes.Ret);
            type.DefineMethodOverride(method, disposal);
        }

        private static MethodInfo Finisher(MethodPlan plan)
        {
            string name = plan.IsOneWay ? "Post" : plan.IsTask ? "Start" : "Call";
            bool isGeneric = plan.Result != typeof(void);
            foreach (MethodInfo method in typeof(ProxyBase).GetMethods(Protected))
                if (method.Name == name && method.IsGenericMethodDefinition == isGeneric)
                    return isGeneric ? method.MakeGenericMethod(plan.Result) : method;
            throw new MissingMethodException(nameof(ProxyBase), name);
        }
    }
}
