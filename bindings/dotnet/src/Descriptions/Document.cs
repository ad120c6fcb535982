using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using Callgate.Abi;

namespace Callgate
{
    /// <summary>The OpenRPC documents of interfaces. docs/internals/contracts.md has their fields.</summary>
    internal static class Document
    {
        private const string OpenRpc = "1.3.2";

        /// <summary>The document of an interface, as UTF-8, and of its callback interface if it is known.</summary>
        public static byte[] Of(InterfacePlan plan, InterfacePlan? callback, Serializer serializer)
        {
            callback ??= CallbackOf(plan);
            return serializer.Descriptions.GetOrAdd(
                new KeyValuePair<Type, Type?>(plan.Type, callback?.Type), _ => Text.Bytes(Json.Write(Make(plan, callback, serializer))));
        }

        private static InterfacePlan? CallbackOf(InterfacePlan plan)
        {
            Type? named = plan.Type.GetCustomAttribute<CallbackInterfaceAttribute>()?.Type;
            return named == null ? null : InterfacePlan.Of(named);
        }

        private static JsonObject Make(InterfacePlan plan, InterfacePlan? callback, Serializer serializer)
        {
            var schemas = new Schemas(serializer);
            JsonObject info = Schemas.Described(new JsonObject { { "title", plan.Name }, { "version", "1" } }, plan.Type);
            JsonObject[] methods = plan.Methods.Select(method => Method(plan, method, schemas)).ToArray();
            var made = new JsonObject { { "openrpc", OpenRpc }, { "info", info }, { "methods", methods } };
            if (schemas.Named.Count > 0)
                made.Add("components", new JsonObject { { "schemas", schemas.Named } });
            if (callback != null)
                made.Add("x-callgate-callback", Make(callback, null, serializer));
            return made;
        }

        private static JsonObject Method(InterfacePlan plan, MethodPlan method, Schemas schemas)
        {
            bool isOverloaded = plan.IsOverloaded(method);
            var made = new JsonObject { { "name", isOverloaded ? method.Signature : method.Method.Name } };
            if (isOverloaded)
            {
                made.Add("x-callgate-method", method.Method.Name);
                made.Add("x-callgate-signature", method.Signature);
            }
            made.Add("paramStructure", "by-position");
            made = Schemas.Described(made, method.Method);
            made.Add("params", method.Sent.Select((parameter, at) => Parameter(parameter, at < method.LeastSent, schemas)).ToArray());
            if (!method.IsOneWay)
                made.Add("result", new JsonObject { { "name", "result" }, { "schema", Result(method, schemas) } });
            var throws = method.Method.GetCustomAttribute<ThrowsAttribute>();
            if (throws != null)
                made.Add("x-callgate-errors", throws.Names);
            return made;
        }

        private static JsonObject Parameter(ParameterInfo parameter, bool isRequired, Schemas schemas)
        {
            JsonObject schema = schemas.Of(TypeUse.Of(parameter));
            if (!isRequired && IsWritable(parameter))
                schema = schema.With("default", parameter.DefaultValue);
            var made = new JsonObject { { "name", parameter.Name ?? "" }, { "required", isRequired } };
            return Schemas.Described(made, parameter).With("schema", schema);
        }

        /// <summary>Whether JSON has a form for a parameter's default value.</summary>
        private static bool IsWritable(ParameterInfo parameter)
        {
            Type type = parameter.ParameterType;
            bool isInteger = type.IsPrimitive && type != typeof(float) && type != typeof(double) && type != typeof(char);
            return parameter.HasDefaultValue && (isInteger || type == typeof(string));
        }

        private static JsonObject Result(MethodPlan method, Schemas schemas)
        {
            if (method.Result == typeof(void))
                return Schemas.OfNothing;
            TypeUse returned = TypeUse.Of(method.Method.ReturnParameter);
            return schemas.Of(method.IsTask ? returned.Parts.Single() : returned);
        }
    }
}
