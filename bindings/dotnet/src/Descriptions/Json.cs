using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;

namespace Callgate
{
    /// <summary>A JSON object whose members keep their order. Its values are what <see cref="Json"/> writes.</summary>
    internal sealed class JsonObject : IEnumerable<KeyValuePair<string, object?>>
    {
        private readonly List<KeyValuePair<string, object?>> _members = new List<KeyValuePair<string, object?>>();

        public int Count => _members.Count;

        public void Add(string name, object? value) => _members.Add(new KeyValuePair<string, object?>(name, value));

        /// <summary>A copy with a further member.</summary>
        public JsonObject With(string name, object? value)
        {
            var copy = new JsonObject();
            copy._members.AddRange(_members);
            copy.Add(name, value);
            return copy;
        }

        /// <summary>The member with a name, or null.</summary>
        public object? Find(string name) => _members.FirstOrDefault(member => member.Key == name).Value;

        public IEnumerator<KeyValuePair<string, object?>> GetEnumerator() => _members.GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }

    /// <summary>
    /// Writes JSON: objects, sequences, text, booleans, integers and null. .NET Standard and the .NET Framework contain
    /// no library for it.
    /// </summary>
    internal static class Json
    {
        public static string Write(object? value)
        {
            var text = new StringBuilder();
            Write(text, value);
            return text.ToString();
        }

        private static void Write(StringBuilder text, object? value)
        {
            switch (value)
            {
                case null: text.Append("null"); break;
                case string words: WriteText(text, words); break;
                case bool isTrue: text.Append(isTrue ? "true" : "false"); break;
                case JsonObject members: WriteObject(text, members); break;
                case IEnumerable elements: WriteArray(text, elements); break;
                default: text.AppendFormat(CultureInfo.InvariantCulture, "{0}", value); break;
            }
        }

        private static void WriteObject(StringBuilder text, JsonObject members)
        {
            text.Append('{');
            string separator = "";
            foreach (KeyValuePair<string, object?> member in members)
            {
                text.Append(separator);
                WriteText(text, member.Key);
                text.Append(':');
                Write(text, member.Value);
                separator = ",";
            }
            text.Append('}');
        }

        private static void WriteArray(StringBuilder text, IEnumerable elements)
        {
            text.Append('[');
            string separator = "";
            foreach (object? element in elements)
            {
                text.Append(separator);
                Write(text, element);
                separator = ",";
            }
            text.Append(']');
        }

        private static void WriteText(StringBuilder text, string words)
        {
            text.Append('"');
            for (int i = 0; i < words.Length; i++)
                WriteLetter(text, words, i);
            text.Append('"');
        }

        private static void WriteLetter(StringBuilder text, string words, int at)
        {
            char letter = words[at];
            if (letter == '"' || letter == '\\')
                text.Append('\\').Append(letter);
            else if (letter < ' ')
                text.Append($"\\u{(int)letter:x4}");
            else if (char.IsSurrogate(letter) && !IsPaired(words, at))
                text.Append('\ufffd');
            else
                text.Append(letter);
        }

        private static bool IsPaired(string words, int at) =>
            char.IsHighSurrogate(words[at])
                ? at + 1 < words.Length && char.IsLowSurrogate(words[at + 1])
                : at > 0 && char.IsHighSurrogate(words[at - 1]);
    }
}
