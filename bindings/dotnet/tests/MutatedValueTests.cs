using System;
using System.Collections.Generic;
using System.IO;
using System.Text.RegularExpressions;

namespace Callgate.Tests
{
    /// <summary>
    /// Values whose bytes were changed: the decoder returns a value or refuses; it throws nothing else. CALLGATE_MUTATIONS
    /// sets how many are tried, CALLGATE_SEED which.
    /// </summary>
    internal static class MutatedValueTests
    {
        private static readonly int Mutations = Runner.Number("CALLGATE_MUTATIONS", 20_000);

        private static readonly int Seed = Runner.Number("CALLGATE_SEED", 1);

        private static readonly byte[] Beginnings = { 0x91, 0xc1, 0xc7, 0xd6, 0xdb, 0xdd, 0xdf, 0xff };

        /// <summary>A record with a member of each kind.</summary>
        public sealed class Shape
        {
            public int Number { get; set; }

            public string? Text { get; set; }

            public byte[]? Data { get; set; }

            public DateTime? When { get; set; }

            public List<int>? Numbers { get; set; }

            public Dictionary<string, object?>? Names { get; set; }
        }

        [Test]
        private static void ChangedBytesAreAValueOrRefused()
        {
            List<byte[]> originals = Samples();
            int accepted = Try<object?>(originals, originals, Mutations);
            // Both happen often, or the test tries nothing.
            Check.That(accepted > Mutations / 20 && accepted < Mutations, $"{accepted} of {Mutations} were accepted");
        }

        [Test]
        private static void ChangedRecordsAreReadOrRefused()
        {
            var record = new Shape { Number = 1, Text = "x", Data = new byte[] { 1 }, Numbers = new List<int> { 1, 2 } };
            var original = new List<byte[]> { new Serializer().Encode(record) };
            Try<Shape>(original, Samples(), Mutations / 2);
        }

        /// <summary>Decodes changed bytes, and counts those that were accepted.</summary>
        private static int Try<T>(List<byte[]> originals, List<byte[]> others, int count)
        {
            var serializer = new Serializer();
            var random = new Random(Seed);
            int accepted = 0;
            for (int i = 0; i < count; i++)
            {
                byte[] changed = Mutated(random, originals[random.Next(originals.Count)], others);
                try
                {
                    serializer.Decode<T>(changed);
                    accepted++;
                }
                catch (ContractMismatchException)
                {
                }
                catch (Exception other)
                {
                    throw new InvalidOperationException($"{BitConverter.ToString(changed)}: {other}");
                }
            }
            return accepted;
        }

        private static byte[] Mutated(Random random, byte[] original, List<byte[]> others)
        {
            var made = new List<byte>(original);
            for (int changes = random.Next(1, 5); changes > 0; changes--)
            {
                int at = random.Next(made.Count + 1);
                switch (random.Next(6))
                {
                    case 0 when at < made.Count:
                        made[at] ^= (byte)(1 << random.Next(8));
                        break;
                    case 1 when at < made.Count:
                        made[at] = Beginnings[random.Next(Beginnings.Length)];
                        break;
                    case 2:
                        made.RemoveRange(at, Math.Min(random.Next(1, 9), made.Count - at));
                        break;
                    case 3:
                        made.InsertRange(at, others[random.Next(others.Count)]);
                        break;
                    case 4:
                        made.InsertRange(at, BitConverter.GetBytes(random.Next()));
                        break;
                    default:
                        made.RemoveRange(at, made.Count - at);
                        break;
                }
            }
            return made.ToArray();
        }

        /// <summary>The bytes of the golden values.</summary>
        private static List<byte[]> Samples()
        {
            var found = new List<byte[]>();
            using (Stream stream = typeof(MutatedValueTests).Assembly.GetManifestResourceStream("values.json")!)
            using (var reader = new StreamReader(stream))
                foreach (Match? match in Regex.Matches(reader.ReadToEnd(), "\"hex\": \"(.*?)\""))
                {
                    string digits = match!.Groups[1].Value;
                    var bytes = new byte[digits.Length / 2];
                    for (int i = 0; i < bytes.Length; i++)
                        bytes[i] = Convert.ToByte(digits.Substring(2 * i, 2), 16);
                    found.Add(bytes);
                }
            return found;
        }
    }
}
