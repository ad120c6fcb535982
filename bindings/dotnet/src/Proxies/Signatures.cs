using System;
using System.Collections.Generic;
using System.Linq;

namespace Callgate
{
    /// <summary>
    /// The signatures that distinguish overloads on the wire. A signature is the method's name and the names of its
    /// parameters' types, e.g. "Add_Int32_Int32". Methods that share a signature get longer ones: with the cancellation
    /// token, and if that is not enough, with the full names of all types. Only a method that hides the others, as in
    /// C#, keeps the short one.
    /// </summary>
    internal static class Signatures
    {
        /// <summary>Sets the signature of each method of an interface.</summary>
        public static void Assign(IReadOnlyList<MethodPlan> methods)
        {
            foreach (MethodPlan method in methods)
                method.Signature = Short(method);
            foreach (MethodPlan[] alike in Alike(methods))
                foreach (MethodPlan method in alike.Where(method => method.Cancel >= 0))
                    method.Signature += "_CancellationToken";
            foreach (MethodPlan[] alike in Alike(methods))
                foreach (MethodPlan method in alike.Where(method => !HidesAll(method, alike)))
                {
                    method.Signature = Full(method);
                    method.NeedsSignature = true;
                }
            MethodPlan[]? same = Alike(methods).FirstOrDefault();
            if (same != null)
                throw new ArgumentException(
                    $"{same[0].Display}: two methods have the signature {same[0].Signature}: rename one of them.");
        }

        private static MethodPlan[][] Alike(IEnumerable<MethodPlan> methods) =>
            methods.GroupBy(method => method.Signature).Select(group => group.ToArray())
                .Where(group => group.Length > 1).ToArray();

        private static bool HidesAll(MethodPlan method, MethodPlan[] alike) =>
            alike.All(other => other == method || Hides(method, other));

        private static bool Hides(MethodPlan method, MethodPlan other) =>
            method.Method.DeclaringType!.GetInterfaces().Contains(other.Method.DeclaringType!)
            && TypesOf(method).SequenceEqual(TypesOf(other));

        private static IEnumerable<Type> TypesOf(MethodPlan method) =>
            method.Parameters.Select(parameter => parameter.ParameterType);

        private static string Short(MethodPlan method) =>
            method.Method.Name + string.Concat(method.Sent.Select(parameter => "_" + ShortNameOf(parameter.ParameterType)));

        // Not Type.FullName, which contains the versions of assemblies.
        private static string Full(MethodPlan method) =>
            $"{method.Method.DeclaringType}.{method.Method.Name}{string.Concat(TypesOf(method).Select(type => "_" + type))}";

        private static string ShortNameOf(Type type)
        {
            if (type.IsArray)
                return ShortNameOf(type.GetElementType()!) + "[]";
            if (!type.IsGenericType)
                return type.Name;
            string name = type.Name.Split('`')[0];
            return $"{name}<{string.Join(",", type.GetGenericArguments().Select(ShortNameOf))}>";
        }
    }
}
