using System.Diagnostics;
using System.IO;
using System.Linq;

namespace Callgate.Tests
{
    /// <summary>The examples print the same as those of the other languages. ci/dotnet builds them.</summary>
    internal static class ExampleTests
    {
        [Test]
        private static void Calculator()
        {
            var (client, host) = Play("calculator");
            Check.Same(
                new[]
                {
                    "Add: 3",
                    "Divide: 42",
                    "Divide: remote error DivideByZero: cannot divide by zero",
                    "Add: contract mismatch: ICalculator.Add: argument 1 (a): expected an integer, found a string",
                    "Subtract: contract mismatch: interface 'ICalculator' has no method 'Subtract'",
                    "",
                },
                client.Split('\n'));
            Check.Equal("log: the client says goodbye\n", host);
        }

        [Test]
        private static void Duplex()
        {
            var (client, host) = Play("duplex");
            Check.Equal("progress: 25%\nprogress: 50%\nprogress: 75%\nprogress: 100%\nSum: 5050\n", client);
            Check.Equal("", host);
        }

        /// <summary>The output of the client, and of the host after its endpoints.</summary>
        private static (string Client, string Host) Play(string example)
        {
            Process host = Start(example, "host", $"pipe://{Session.UniquePipe()}", "tcp://127.0.0.1:0");
            try
            {
                string[] endpoints = Enumerable.Range(0, 2)
                    .Select(_ => host.StandardOutput.ReadLine()!.Replace("listening on ", "")).ToArray();
                Check.That(endpoints[1].StartsWith("tcp://127.0.0.1:"), endpoints[1]);
                var (code, output) = Processes.Finish(Start(example, "client", endpoints[0]));
                Check.Equal(0, code);
                host.StandardInput.Close();
                var (hostCode, hostOutput) = Processes.Finish(host);
                Check.Equal(0, hostCode);
                return (output, hostOutput);
            }
            catch
            {
                host.Kill();
                throw;
            }
        }

        private static Process Start(string example, params string[] arguments)
        {
            // Beside the tests: bin/Callgate.Tests/Debug/FRAMEWORK, bin/EXAMPLE/Debug/FRAMEWORK.
            string folder = Path.GetDirectoryName(typeof(ExampleTests).Assembly.Location)!;
            string framework = Path.GetFileName(folder);
            string file = example + (Processes.IsMono ? ".exe" : ".dll");
            string program = Path.Combine(folder, "..", "..", "..", example, "Debug", framework, file);
            return Processes.StartProgram(Processes.Runtime, program, arguments);
        }
    }
}
