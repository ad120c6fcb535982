using System;
using System.Collections.Generic;
using System.ComponentModel;
using System.Linq;
using System.Reflection;

namespace Callgate
{
    /// <summary>
    /// The JSON Schemas of types, as the codecs of a serializer send their values. Classes, structs and enums are
    /// described by name. What a program's own codec sends is unknown: any value.
    /// </summary>
    internal sealed class Schemas
    {
        private static readonly JsonObject Null = ScalarSchemas.Of("null");

        private readonly Serializer _serializer;
        private readonly Dictionary<Type, string> _names = new Dictionary<Type, string>();

        public Schemas(Serializer serializer) => _serializer = serializer;

        /// <summary>The schemas of the named types.</summary>
        public JsonObject Named { get; } = new JsonObject();

        /// <summary>The schema of no result. A caller that wants none takes any.</summary>
        public static JsonObject OfNothing => ScalarSchemas.Lenient(Null, new JsonObject());

        /// <summary>The schema of a type as it is used in one place.</summary>
        public JsonObject Of(TypeUse use)
        {
            JsonObject bare = Bare(use);
            if (use.Nullness == Nullness.Never || bare.Count == 0)
                return bare;
            return use.Nullness == Nullness.Maybe
                ? new JsonObject { { "anyOf", new[] { bare, Null } } }
                : ScalarSchemas.Lenient(bare, Null);
        }

        private JsonObject Bare(TypeUse use)
        {
            object codec = _serializer.Get(use.Type);
            Type kind = codec.GetType();
            Type open = kind.IsGenericType ? kind.GetGenericTypeDefinition() : kind;
            if (codec is IRecordCodec record)
                return Refer(use.Type, () => Record(use.Type, record));
            if (open == typeof(EnumCodec<,>))
                return Refer(use.Type, () => Enumeration(use.Type));
            if (open == typeof(ScalarCodec<>))
                return ScalarSchemas.Find(use.Type) ?? new JsonObject();
            if (open == typeof(NullableCodec<>))
                return new JsonObject { { "anyOf", new[] { Of(use.Parts.Single()), Null } } };
            if (open == typeof(TupleCodec<>))
                return ScalarSchemas.Tuple(use.Parts.Select(Of).ToArray());
            if (open == typeof(MapCodec<,,,>))
                return Map(use, kind.GetGenericArguments());
            bool isElements = open == typeof(ArrayCodec<>) || open == typeof(CollectionCodec<,,>) || open == typeof(WrappedCodec<,>);
            if (isElements && codec is IComposite composite)
                return ScalarSchemas.Of("array").With("items", Of(use.Part(composite.Parts.Single().Type)));
            return new JsonObject();
        }

        private JsonObject Map(TypeUse use, Type[] arguments)
        {
            JsonObject values = Of(use.Part(arguments[2], isLast: true));
            JsonObject map = ScalarSchemas.Of("object").With("additionalProperties", values);
            return arguments[1] == typeof(string) ? map : map.With("x-callgate-keys", Bare(use.Part(arguments[1])));
        }

        private JsonObject Record(Type type, IRecordCodec record)
        {
            var properties = new JsonObject();
            var required = new List<string>();
            foreach (RecordMember member in record.Members)
            {
                properties.Add(member.Name, Of(TypeUse.Of(member.Member)));
                if (member.IsRequired)
                    required.Add(member.Name);
            }
            JsonObject made = ScalarSchemas.Of("object").With("properties", properties).With("required", required);
            return Described(made.With("x-callgate-complete", true), type);
        }

        private static JsonObject Enumeration(Type type)
        {
            // The value of any integer of this size may be sent, not only those with a name.
            JsonObject made = ScalarSchemas.Find(Enum.GetUnderlyingType(type))!;
            IEnumerable<string> names = Enum.GetNames(type).Select(name => $"{name} = {Enum.Format(type, Enum.Parse(type, name), "D")}");
            return made.With("description", string.Join(", ", names));
        }

        private JsonObject Refer(Type type, Func<JsonObject> describe)
        {
            if (!_names.TryGetValue(type, out string? name))
            {
                // Before its schema: a class may contain itself.
                name = _names[type] = FreeName(NameOf(type));
                Named.Add(name, describe());
            }
            return new JsonObject { { "$ref", $"#/components/schemas/{name}" } };
        }

        private string FreeName(string name)
        {
            string free = name;
            for (int number = 2; _names.ContainsValue(free); number++)
                free = $"{name}{number}";
            return free;
        }

        private static string NameOf(Type type)
        {
            if (type.IsArray)
                return NameOf(type.GetElementType()!) + "s";
            string own = type.Name.Split('`')[0];
            return own + string.Concat(type.GetGenericArguments().Select(argument => "_" + NameOf(argument)));
        }

        /// <summary>Adds the text of a DescriptionAttribute, if there is one. XML comments do not exist at run time.</summary>
        public static JsonObject Described(JsonObject made, ICustomAttributeProvider described)
        {
            object? found = described.GetCustomAttributes(typeof(DescriptionAttribute), false).FirstOrDefault();
            return found is DescriptionAttribute words ? made.With("description", words.Description) : made;
        }
    }
}
