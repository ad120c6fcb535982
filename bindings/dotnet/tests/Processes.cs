using System;
using System.Diagnostics;

namespace Callgate.Tests
{
    /// <summary>Other processes that take part in tests.</summary>
    internal static class Processes
    {
        public static bool IsMono => Type.GetType("Mono.Runtime") != null;

        public static bool IsOnWindows => Environment.OSVersion.Platform == PlatformID.Win32NT;

        public static string RuntimeName => IsMono ? "mono" : "dotnet";

        /// <summary>The command that runs this program.</summary>
        public static string Runtime => IsMono ? "mono" : Process.GetCurrentProcess().MainModule!.FileName!;

        /// <summary>Runs this program again, in a process of its own.</summary>
        public static Process Start(params string[] arguments) =>
            StartProgram(Runtime, typeof(Processes).Assembly.Location, arguments);

        public static Process StartProgram(string program, string first, params string[] arguments)
        {
            var start = new ProcessStartInfo(program, $"\"{first}\" {string.Join(" ", arguments)}")
            {
                UseShellExecute = false,
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            };
            return Process.Start(start)!;
        }

        /// <summary>Waits for its end, and returns its exit code and output, whose lines end in '\n' on every system.</summary>
        public static (int Code, string Output) Finish(Process process)
        {
            using (process)
            {
                var errors = process.StandardError.ReadToEndAsync();
                string output = process.StandardOutput.ReadToEnd() + errors.Result;
                process.WaitForExit();
                return (process.ExitCode, output.Replace("\r\n", "\n"));
            }
        }
    }
}
