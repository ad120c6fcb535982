using System;
using System.Diagnostics;
using System.IO;

namespace Callgate.Tests
{
    /// <summary>Programs in Python that play the other end of a test.</summary>
    internal static class Foreign
    {
        /// <summary>Starts a part of a script beside this program.</summary>
        public static Process Python(string python, string script, string part, string pipe) => Processes.StartProgram(
            python, Path.Combine(AppDomain.CurrentDomain.BaseDirectory!, script), part, $"pipe://{pipe}");

        /// <summary>Runs a test beside a host. Both get the path of Python, and the name of a pipe.</summary>
        public static void Beside(Func<string, string, Process> host, Action<string, string> test)
        {
            // ci/dotnet sets a Python that has the binding; a manual run may have none.
            string? python = Environment.GetEnvironmentVariable("CALLGATE_PYTHON");
            if (python == null)
            {
                Console.WriteLine("SKIPPED a test with Python: CALLGATE_PYTHON names no Python");
                return;
            }
            string pipe = Session.UniquePipe();
            Process serving = host(python, pipe);
            try
            {
                Check.Equal("listening", serving.StandardOutput.ReadLine());
                test(python, pipe);
            }
            finally
            {
                serving.StandardInput.Close();
                Processes.Finish(serving);
            }
        }
    }
}
