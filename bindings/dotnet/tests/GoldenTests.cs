using System;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;

namespace Callgate.Tests
{
    /// <summary>The golden vectors of values, which all languages share; see tests/conformance/README.md.</summary>
    internal static class GoldenTests
    {
        private static readonly Serializer Common = new Serializer();

        private static readonly Regex Vector = new Regex(
            "\"name\": \"(.*?)\", \"hex\": \"(.*?)\", \"text\": \"((?:[^\"\\\\]|\\\\.)*)\"(?:.*\"dotnet\": \"(.*?)\")?");

        [Test]
        private static void ValuesMeanWhatTheyDoInAllLanguages()
        {
            int count = 0;
            using (Stream stream = typeof(GoldenTests).Assembly.GetManifestResourceStream("values.json")!)
            using (var reader = new StreamReader(stream))
                while (reader.ReadLine() is string line)
                    if (Vector.Match(line) is Match { Success: true } match)
                    {
                        CheckVector(match);
                        count++;
                    }
            Check.That(count > 70, $"only {count} vectors were found");
        }

        [Test]
        private static void BytesThatAreNoValueAreRefused()
        {
            foreach (string digits in new[] { "", "c1", "91", "0000", "dd7fffffff", "dfffffffff", "c6ffffffff", "a1ff" })
                Check.Contains("cannot be decoded", Refusal<object?>(digits));
            Check.Contains("cannot be decoded", Refusal<object?>(string.Concat(Enumerable.Repeat("91", 1_000_000))));
            Check.Contains("cannot be decoded", Refusal<Node>(
                "81a178" + string.Concat(Enumerable.Repeat("91", 1_000_000)) + "c0"));
            Check.Contains("an extension type", Refusal<object?>("d40500"));
        }

        private static void CheckVector(Match match)
        {
            string name = match.Groups[1].Value;
            string text = match.Groups[4].Success ? match.Groups[4].Value : Regex.Replace(match.Groups[3].Value, @"\\(.)", "$1");
            if (text == "refused")
            {
                Check.Contains("years 1 to 9999", Refusal<object?>(match.Groups[2].Value));
                return;
            }
            object? value = Common.Decode<object?>(Bytes(match.Groups[2].Value));
            Check.Equal($"{name} {text}", $"{name} {Description.Of(value)}");
            object? again = Common.Decode<object?>(Common.Encode(value));
            Check.Equal($"{name} {text}", $"{name} {Description.Of(again)}");
        }

        private static string Refusal<T>(string digits) =>
            Check.Throws<ContractMismatchException>(() => new Serializer().Decode<T>(Bytes(digits))).Message;

        private static byte[] Bytes(string digits) => Enumerable.Range(0, digits.Length / 2)
            .Select(i => byte.Parse(digits.Substring(2 * i, 2), NumberStyles.HexNumber)).ToArray();
    }
}
