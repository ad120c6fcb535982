using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using System.Reflection.Emit;

namespace Callgate.Tests
{
    /// <summary>The public members of the binding that the code of a namespace uses, by their documented names.</summary>
    internal sealed class UsedMembers
    {
        private const BindingFlags Declared = BindingFlags.DeclaredOnly | BindingFlags.Instance | BindingFlags.Static
            | BindingFlags.Public | BindingFlags.NonPublic;

        private static readonly Dictionary<short, OpCode> Codes = typeof(OpCodes).GetFields()
            .Select(field => (OpCode)field.GetValue(null)!).ToDictionary(code => code.Value);

        /// <summary>E.g. "ClientBuilder.ConnectToNamedPipe(string pipeName)".</summary>
        public SortedSet<string> Members { get; } = new SortedSet<string>(StringComparer.Ordinal);

        /// <summary>E.g. "IServiceHost".</summary>
        public SortedSet<string> Types { get; } = new SortedSet<string>(StringComparer.Ordinal);

        public static UsedMembers Of(string codeNamespace)
        {
            var used = new UsedMembers();
            foreach (Type type in typeof(UsedMembers).Assembly.GetTypes().Where(type => type.Namespace == codeNamespace))
            {
                foreach (Type implemented in type.GetInterfaces())
                    used.AddType(implemented);
                foreach (MethodBase method in type.GetMembers(Declared).OfType<MethodBase>())
                    used.AddAll(method);
                foreach (MethodBase method in type.GetMethods(Declared))
                    foreach (CustomAttributeData attribute in method.GetCustomAttributesData())
                        used.Add(attribute.Constructor);
            }
            return used;
        }

        private void AddAll(MethodBase method)
        {
            MethodBody? body = method.GetMethodBody();
            if (body == null)
                return;
            foreach (LocalVariableInfo local in body.LocalVariables)
                AddType(local.LocalType);
            Type[] typeArguments = method.DeclaringType!.IsGenericType ? method.DeclaringType.GetGenericArguments() : new Type[0];
            Type[] arguments = method.IsGenericMethod ? method.GetGenericArguments() : new Type[0];
            foreach (int token in Tokens(body.GetILAsByteArray()!))
                Add(method.Module.ResolveMember(token, typeArguments, arguments)!);
        }

        private void AddType(Type type)
        {
            if (type.Assembly == typeof(ClientBuilder).Assembly)
                Types.Add(MemberNames.Of(type));
        }

        private void Add(MemberInfo member)
        {
            if (member is MethodInfo generic && generic.IsGenericMethod)
                member = generic.GetGenericMethodDefinition();
            if (member.DeclaringType?.Assembly != typeof(ClientBuilder).Assembly)
                return;
            Types.Add(MemberNames.Of(member.DeclaringType!));
            Members.Add(MemberNames.Of(member));
        }

        /// <summary>The members that instructions name.</summary>
        private static IEnumerable<int> Tokens(byte[] il)
        {
            for (int at = 0; at < il.Length;)
            {
                OpCode code = il[at] == 0xFE ? Codes[(short)(0xFE00 | il[at + 1])] : Codes[il[at]];
                at += code.Size;
                switch (code.OperandType)
                {
                    case OperandType.InlineMethod:
                        yield return BitConverter.ToInt32(il, at);
                        at += 4;
                        break;
                    case OperandType.InlineSwitch:
                        at += 4 + 4 * BitConverter.ToInt32(il, at);
                        break;
                    default:
                        at += SizeOf(code.OperandType);
                        break;
                }
            }
        }

        private static int SizeOf(OperandType operand)
        {
            switch (operand)
            {
                case OperandType.InlineNone: return 0;
                case OperandType.ShortInlineBrTarget:
                case OperandType.ShortInlineI:
                case OperandType.ShortInlineVar: return 1;
                case OperandType.InlineVar: return 2;
                case OperandType.InlineI8:
                case OperandType.InlineR: return 8;
                default: return 4;
            }
        }
    }

    /// <summary>Members as the documentation writes them.</summary>
    internal static class MemberNames
    {
        private static readonly Dictionary<Type, string> Keywords = new Dictionary<Type, string>
        {
            [typeof(string)] = "string", [typeof(int)] = "int", [typeof(object)] = "object", [typeof(void)] = "void",
        };

        public static string Of(Type type)
        {
            if (Keywords.TryGetValue(type, out string? keyword))
                return keyword;
            if (!type.IsGenericType)
                return type.Name;
            string name = type.Name.Substring(0, type.Name.IndexOf('`'));
            return $"{name}<{string.Join(", ", type.GetGenericArguments().Select(Of))}>";
        }

        /// <summary>An accessor has the name of its property or event.</summary>
        public static string Of(MemberInfo member)
        {
            Type type = member.DeclaringType!;
            if (typeof(Delegate).IsAssignableFrom(type))
                return Of(type) + Parameters(type.GetMethod("Invoke")!);
            if (member is ConstructorInfo constructor)
                return Of(type) + Parameters(constructor);
            var method = (MethodInfo)member;
            if (method.IsSpecialName)
                return $"{Of(type)}.{method.Name.Substring(method.Name.IndexOf('_') + 1)}";
            string generic = method.IsGenericMethod
                ? $"<{string.Join(", ", method.GetGenericArguments().Select(Of))}>"
                : "";
            return $"{Of(type)}.{method.Name}{generic}{Parameters(method)}";
        }

        private static string Parameters(MethodBase method) =>
            $"({string.Join(", ", method.GetParameters().Select(parameter => $"{Of(parameter.ParameterType)} {parameter.Name}"))})";
    }
}
