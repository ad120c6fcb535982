using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using System.Threading;

namespace Callgate.Tests
{
    /// <summary>Marks a test: a static method without parameters that throws when it fails.</summary>
    [AttributeUsage(AttributeTargets.Method)]
    internal sealed class TestAttribute : Attribute
    {
    }

    /// <summary>Runs the tests, since the SDK contains no test framework.</summary>
    internal static class Runner
    {
        // Tests that ci/dotnet repeats or prolongs take longer.
        private static readonly TimeSpan Limit = TimeSpan.FromSeconds(
            120 + Number("CALLGATE_GC_SECONDS", 0) + 10 * Number("CALLGATE_EXITS", 0));

        /// <summary>The number in an environment variable.</summary>
        public static int Number(string variable, int otherwise) =>
            int.Parse(Environment.GetEnvironmentVariable(variable) ?? $"{otherwise}");

        /// <summary>
        /// Runs the tests whose names contain a word, or all, except those that CALLGATE_SKIPPED names, separated by
        /// blanks; prints the counts after the runtime's name.
        /// </summary>
        public static int Run(string runtime, string word)
        {
            int passed = 0;
            string[] skipped = (Environment.GetEnvironmentVariable("CALLGATE_SKIPPED") ?? "").Split(' ');
            var failed = new List<string>();
            foreach (MethodInfo test in Tests().Where(test => NameOf(test).Contains(word)))
            {
                if (skipped.Contains(NameOf(test)))
                {
                    Console.WriteLine($"SKIPPED {NameOf(test)}");
                    continue;
                }
                // So that a test during which the runtime crashes is known.
                if (word.Length > 0)
                    Console.WriteLine($"running {NameOf(test)}");
                Exception? failure = RunOne(test);
                if (failure == null)
                {
                    passed++;
                    continue;
                }
                failed.Add(NameOf(test));
                Console.WriteLine($"FAILED {NameOf(test)}: {failure}");
            }
            foreach (string name in failed)
                Console.WriteLine($"{runtime}: FAILED {name}");
            Console.WriteLine($"{runtime}: {passed} passed, {failed.Count} failed");
            return failed.Count == 0 && passed > 0 ? 0 : 1;
        }

        private static IEnumerable<MethodInfo> Tests() =>
            from type in typeof(Runner).Assembly.GetTypes()
            from method in type.GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)
            where method.IsDefined(typeof(TestAttribute))
            orderby NameOf(method)
            select method;

        private static string NameOf(MethodInfo test) => $"{test.DeclaringType!.Name}.{test.Name}";

        private static Exception? RunOne(MethodInfo test)
        {
            Exception? failure = null;
            var thread = new Thread(() =>
            {
                try
                {
                    ((Action)test.CreateDelegate(typeof(Action)))();
                }
                catch (Exception thrown)
                {
                    failure = thrown;
                }
            });
            thread.Start();
            if (thread.Join(Limit))
                return failure;
            // A hanging test keeps its objects, so later tests could not be trusted. Ending the process with a dump
            // would look like a crash of the runtime.
            Console.WriteLine($"FAILED {NameOf(test)}: it is not done after {Limit}");
            Console.Out.Flush();
            System.Diagnostics.Process.GetCurrentProcess().Kill();
            return null;
        }
    }

    /// <summary>Assertions.</summary>
    internal static class Check
    {
        public static void That(bool isSo, string what)
        {
            if (!isSo)
                throw new Exception(what);
        }

        public static void Equal<T>(T expected, T found)
        {
            if (!EqualityComparer<T>.Default.Equals(expected, found))
                throw new Exception($"expected {expected}, found {found}");
        }

        public static void Same<T>(IEnumerable<T> expected, IEnumerable<T> found)
        {
            if (!expected.SequenceEqual(found))
                throw new Exception($"expected [{string.Join(", ", expected)}], found [{string.Join(", ", found)}]");
        }

        public static void Contains(string part, string whole) =>
            That(whole.Contains(part), $"expected something with \"{part}\", found \"{whole}\"");

        /// <summary>The exception of exactly this type that an action throws.</summary>
        public static T Throws<T>(Action action) where T : Exception
        {
            try
            {
                action();
            }
            catch (Exception thrown)
            {
                return thrown.GetType() == typeof(T)
                    ? (T)thrown
                    : throw new Exception($"expected {typeof(T)}, caught {thrown}");
            }
            throw new Exception($"expected {typeof(T)}, nothing was thrown");
        }
    }
}
