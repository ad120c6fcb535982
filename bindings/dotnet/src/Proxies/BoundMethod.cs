using System;
using System.Linq;
using Callgate.Abi;

namespace Callgate
{
    /// <summary>A method with its names for C and the codecs of a serializer.</summary>
    internal sealed class BoundMethod
    {
        /// <summary>A method that is given by name: all values are objects.</summary>
        public BoundMethod(string contract, string name, string? signature, int arguments, Serializer serializer)
        {
            Display = $"{contract}.{name}";
            Name = Text.Name(name);
            Signature = signature == null ? null : Text.Name(signature);
            object codec = serializer.Get(typeof(object));
            Arguments = Enumerable.Repeat(codec, arguments).ToArray();
            Result = codec;
        }

        public BoundMethod(InterfacePlan contract, MethodPlan plan, Serializer serializer)
        {
            Plan = plan;
            Display = plan.Display;
            Name = Text.Name(plan.Method.Name);
            Signature = contract.IsOverloaded(plan) ? Text.Name(plan.Signature) : null;
            try
            {
                Arguments = Array.ConvertAll(plan.Sent, parameter => serializer.GetWhole(parameter.ParameterType));
                Result = plan.Result == typeof(void) ? null : serializer.GetWhole(plan.Result);
            }
            catch (ArgumentException refused)
            {
                throw new ArgumentException($"{plan.Display}: {refused.Message}", refused);
            }
        }

        /// <summary>The plan; null if the method is given by name.</summary>
        public MethodPlan? Plan { get; }

        /// <summary>Interface and name, for messages.</summary>
        public string Display { get; }

        /// <summary>NUL-terminated.</summary>
        public byte[] Name { get; }

        /// <summary>NUL-terminated; null if the name is sufficient.</summary>
        public byte[]? Signature { get; }

        /// <summary>The codec of each argument that is sent.</summary>
        public object[] Arguments { get; }

        /// <summary>The codec of the result, or null if the method returns nothing.</summary>
        public object? Result { get; }

        /// <summary>An argument, for messages.</summary>
        public string DescribeArgument(int at) =>
            $"{Display}: argument {at + 1}" + (Plan == null ? "" : $" ({Plan.Sent[at].Name})");

        /// <summary>All methods of an interface, in the order of its plan.</summary>
        public static BoundMethod[] AllOf(InterfacePlan plan, Serializer serializer) =>
            plan.Methods.Select(method => new BoundMethod(plan, method, serializer)).ToArray();

        /// <summary>Reads a result. If it does not match, the exception names the method.</summary>
        public unsafe T ReadResult<T>(NativeBuffer* reply, MessageReader reader, bool isChecked)
        {
            try
            {
                if (!isChecked)
                    MessageReader.Check((byte*)reply->Data, reply->Length);
                reader.Begin((byte*)reply->Data, reply->Length);
                return ((Codec<T>)Result!).Read(reader);
            }
            catch (ContractMismatchException refused)
            {
                throw new ContractMismatchException($"the result of {Display}: {refused.Message}")
                {
                    Execution = Execution.Ran,
                };
            }
            finally
            {
                reader.Finish();
            }
        }
    }
}
