using System;
using System.Collections;
using System.Collections.Generic;
using System.Reflection;

namespace Callgate
{
    /// <summary>
    /// The parts of a .NET exception other than its type, message and trace. They are sent as the error's data: a map
    /// with one key, which a program's own data does not use.
    /// </summary>
    internal sealed class ExceptionParts
    {
        private const string Mark = ".net";
        private const int MostInner = 16;

        // No constructor takes it together with an inner exception. .NET Core, then the .NET Framework and mono.
        private static readonly FieldInfo? ParamNameField =
            PrivateField("_paramName") ?? PrivateField("m_paramName");

        private ExceptionParts()
        {
        }

        public static ExceptionParts None { get; } = new ExceptionParts();

        /// <summary>The name of the rejected argument, or null.</summary>
        public string? ParamName { get; private set; }

        /// <summary>The message without the sentence about the parameter, which the exception adds.</summary>
        public string? BareMessage { get; private set; }

        public ReceivedError? Inner { get; private set; }

        private Dictionary<string, object?> Data { get; } = new Dictionary<string, object?>();

        /// <summary>
        /// The parts of an exception as a value to send; null if it has none, or if the program's code throws while the
        /// parts are read.
        /// </summary>
        public static object? Describe(Exception raised, ExceptionTypes known)
        {
            if (raised is RemoteException)
                return null;
            try
            {
                Dictionary<string, object?> parts = Describe(raised, known, MostInner);
                return parts.Count == 0 ? null : new Dictionary<string, object?> { [Mark] = parts };
            }
            catch (Exception)
            {
                return null;
            }
        }

        /// <summary>The parts received as the data of an error; null if the data is something else.</summary>
        public static ExceptionParts? Of(object? details) =>
            details is Dictionary<object, object?> marked && marked.Count == 1
                && marked.TryGetValue(Mark, out object? parts) && parts is Dictionary<object, object?> map
                ? Read(map)
                : null;

        /// <summary>Sets the parts that no constructor takes.</summary>
        public void PutInto(Exception made)
        {
            if (ParamName != null && made is ArgumentException)
                ParamNameField?.SetValue(made, ParamName);
            foreach (KeyValuePair<string, object?> entry in Data)
                made.Data[entry.Key] = entry.Value;
        }

        /// <summary>The message with which to create an exception of this type.</summary>
        public string MessageFor(Type type, string message) =>
            ParamNameField != null && typeof(ArgumentException).IsAssignableFrom(type) ? BareMessage ?? message : message;

        private static Dictionary<string, object?> Describe(Exception raised, ExceptionTypes known, int left)
        {
            var parts = new Dictionary<string, object?>();
            if (raised is ArgumentException refused && refused.ParamName != null)
            {
                parts["paramName"] = refused.ParamName;
                parts["message"] = WithoutParameter(refused);
            }
            Dictionary<string, object?> data = Travelling(raised.Data);
            if (data.Count > 0)
                parts["data"] = data;
            if (left > 0 && raised.InnerException is Exception inner && !RemoteErrors.IsOrigin(inner))
                parts["inner"] = DescribeInner(inner, known, left - 1);
            return parts;
        }

        private static Dictionary<string, object?> DescribeInner(Exception inner, ExceptionTypes known, int left)
        {
            Dictionary<string, object?> parts = Describe(inner, known, left);
            var whole = new Dictionary<string, object?>
            {
                ["type"] = known.NameOf(inner),
                ["message"] = Failures.MessageOf(inner),
            };
            if (parts.Count > 0)
                whole[Mark] = parts;
            return whole;
        }

        /// <summary>The entries that can be sent.</summary>
        private static Dictionary<string, object?> Travelling(IDictionary data)
        {
            var travelling = new Dictionary<string, object?>();
            foreach (DictionaryEntry entry in data)
                if (entry.Key is string key && (entry.Value == null || Failures.EncodeDetails(entry.Value).Length > 0))
                    travelling[key] = entry.Value;
            return travelling;
        }

        private static string WithoutParameter(ArgumentException refused)
        {
            string message = Failures.MessageOf(refused);
            string sentence = new ArgumentException("", refused.ParamName).Message;
            int at = message.LastIndexOf(sentence, StringComparison.Ordinal);
            return at < 0 ? message : message.Remove(at, sentence.Length);
        }

        private static ExceptionParts Read(Dictionary<object, object?> map)
        {
            var parts = new ExceptionParts
            {
                ParamName = Value(map, "paramName") as string,
                BareMessage = Value(map, "message") as string,
            };
            if (Value(map, "data") is Dictionary<object, object?> data)
                foreach (KeyValuePair<object, object?> entry in data)
                    if (entry.Key is string key)
                        parts.Data[key] = entry.Value;
            if (Value(map, "inner") is Dictionary<object, object?> inner && Value(inner, "type") is string type)
                parts.Inner = new ReceivedError(
                    type, Value(inner, "message") as string ?? "", "", Value(inner, Mark) is object marked
                        ? new Dictionary<object, object?> { [Mark] = marked }
                        : null);
            return parts;
        }

        private static object? Value(Dictionary<object, object?> map, string key) =>
            map.TryGetValue(key, out object? value) ? value : null;

        private static FieldInfo? PrivateField(string name) =>
            typeof(ArgumentException).GetField(name, BindingFlags.NonPublic | BindingFlags.Instance);
    }
}
