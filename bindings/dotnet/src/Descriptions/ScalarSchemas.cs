using System;
using System.Collections.Generic;
using System.Net;

namespace Callgate
{
    /// <summary>The JSON Schemas of the base library's simple values, as <see cref="ScalarCodecs"/> sends them.</summary>
    internal static class ScalarSchemas
    {
        private static readonly Dictionary<Type, JsonObject> All = new Dictionary<Type, JsonObject>
        {
            [typeof(bool)] = Of("boolean"),
            [typeof(sbyte)] = Integer("int8"),
            [typeof(short)] = Integer("int16"),
            [typeof(int)] = Integer("int32"),
            [typeof(long)] = Integer("int64"),
            [typeof(byte)] = Integer("uint8"),
            [typeof(ushort)] = Integer("uint16"),
            [typeof(uint)] = Integer("uint32"),
            [typeof(ulong)] = Integer("uint64"),
            [typeof(TimeSpan)] = Integer("int64").With("description", "in units of 100 ns"),
            [typeof(double)] = Number("double"),
            // A double is accepted if it is not too large.
            [typeof(float)] = Lenient(Number("float"), Number("double")),
            [typeof(string)] = Of("string"),
            [typeof(char)] = Of("string").With("minLength", 1).With("maxLength", 1),
            [typeof(Guid)] = Of("string").With("format", "uuid"),
            [typeof(Uri)] = Of("string").With("format", "uri-reference"),
            [typeof(IPAddress)] = Of("string"),
            [typeof(Version)] = Of("string"),
            [typeof(decimal)] = Lenient(Of("string").With("description", "a decimal number"), Integer("int64")),
            [typeof(byte[])] = Special("binary"),
            [typeof(DateTime)] = Special("timestamp"),
            // With its offset in minutes, if that is not 0.
            [typeof(DateTimeOffset)] = Lenient(Special("timestamp"), Tuple(Special("timestamp"), Integer("int16"))),
        };

        /// <summary>The schema of a type; null for one that is not among them.</summary>
        public static JsonObject? Find(Type type) => All.TryGetValue(type, out JsonObject? found) ? found : null;

        public static JsonObject Of(string type) => new JsonObject { { "type", type } };

        public static JsonObject Tuple(params JsonObject[] items) =>
            Of("array").With("prefixItems", items).With("items", false);

        /// <summary>Values of one type, and others that are taken but not sent.</summary>
        public static JsonObject Lenient(JsonObject sent, JsonObject accepted) =>
            new JsonObject { { "anyOf", new[] { sent, accepted.With("x-callgate-accepted", true) } } };

        private static JsonObject Integer(string format) => Of("integer").With("format", format);

        private static JsonObject Number(string format) => Of("number").With("format", format);

        private static JsonObject Special(string type) => Of("string").With("x-callgate-type", type);
    }
}
