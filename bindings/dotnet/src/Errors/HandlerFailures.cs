using System;
using System.Diagnostics;
using System.Text;

namespace Callgate
{
    /// <summary>
    /// Logs exceptions that handlers of the program throw, which nothing else reports: to the builder's Log, or without one
    /// to System.Diagnostics.Trace.
    /// </summary>
    internal sealed class HandlerFailures
    {
        private readonly Action<LogLevel, string>? _log;

        public HandlerFailures(Action<LogLevel, string>? log) => _log = log;

        /// <summary>Runs a handler, and logs its exception.</summary>
        public void Run(string what, Action handler)
        {
            try
            {
                handler();
            }
            catch (Exception failure)
            {
                Report(what, failure);
            }
        }

        /// <summary>Logs the exception of a handler as one line.</summary>
        public void Report(string what, Exception failure)
        {
            if (_log == null)
                WriteTrace(what, failure);
            else
                Log(_log, LogLevel.Error, Describe(what, failure));
        }

        /// <summary>Passes a line to the program's log, which may throw.</summary>
        public static void Log(Action<LogLevel, string> log, LogLevel level, string line)
        {
            try
            {
                log(level, line);
            }
            catch (Exception failure)
            {
                WriteTrace("the log handler", failure);
            }
        }

        private static void WriteTrace(string what, Exception failure)
        {
            try
            {
                Trace.TraceError("{0}", "Callgate: " + Describe(what, failure));
            }
            catch (Exception)
            {
                // The program's trace listeners failed; nothing else can report it.
            }
        }

        private static string Describe(string what, Exception failure)
        {
            try
            {
                return $"{what} threw {OneLine(failure.ToString())}";
            }
            catch (Exception)
            {
                return $"{what} threw {failure.GetType()}"; // The program's ToString() failed.
            }
        }

        /// <summary>Escapes line breaks and other control characters, which a peer may have sent.</summary>
        private static string OneLine(string text)
        {
            var line = new StringBuilder(text.Length);
            foreach (char letter in text)
                if (letter == '\n')
                    line.Append("\\n");
                else if (letter != '\r' && char.IsControl(letter))
                    line.Append($"\\u{(int)letter:x4}");
                else if (letter != '\r')
                    line.Append(letter);
            return line.ToString();
        }
    }
}
