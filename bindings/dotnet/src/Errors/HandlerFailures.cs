using System;
using System.Diagnostics;
using System.Text;

namespace Callgate
{
    /// <summary>
    /// Logs exceptions that handlers of the program throw, which nothing else reports: to the builder's Log, or without one
    /// to System.Diagnostics.Trace. A peer that connects and leaves may cause any number: a few a second are logged.
    /// </summary>
    internal sealed class HandlerFailures
    {
        /// <summary>The most characters of a text in the log: room for a stack trace, within a line of the core's.</summary>
        private const int Longest = 8000;

        private readonly Action<LogEvent>? _log;
        private readonly LineThrottle _throttle = new LineThrottle();

        public HandlerFailures(Action<LogEvent>? log) => _log = log;

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
            if (!_throttle.Passes(out long leftOut))
                return;
            if (leftOut > 0)
                Write(LogLevel.Warning, $"{leftOut} more failed handlers were not logged", (ulong)leftOut);
            Write(LogLevel.Error, Describe(what, failure), null);
        }

        private void Write(LogLevel level, string line, ulong? count)
        {
            if (_log == null)
                WriteTrace(line);
            else
                Log(_log, new LogEvent(level, line, count));
        }

        /// <summary>Passes an event to the program's log, which may throw.</summary>
        public static void Log(Action<LogEvent> log, LogEvent logEvent)
        {
            try
            {
                log(logEvent);
            }
            catch (Exception failure)
            {
                WriteTrace(Describe("the log handler", failure));
            }
        }

        private static void WriteTrace(string line)
        {
            try
            {
                Trace.TraceError("{0}", "Callgate: " + line);
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

        /// <summary>Text on one line, as the core writes it: a peer may have sent what would forge lines.</summary>
        private static string OneLine(string text)
        {
            var line = new StringBuilder(Math.Min(text.Length, Longest));
            for (int at = 0; at < text.Length; at++)
            {
                char letter = text[at];
                if (line.Length >= Longest)
                    return line.Append($"... ({text.Length - at} characters more)").ToString();
                if (letter == '\n')
                    line.Append("\\n");
                else if (letter != '\r' && IsControl(letter))
                    line.Append($"\\u{(int)letter:x4}");
                else if (letter != '\r')
                    line.Append(letter);
            }
            return line.ToString();
        }

        /// <summary>Whether a letter could end a line, control a terminal, or reverse the direction of text.</summary>
        private static bool IsControl(char letter) =>
            char.IsControl(letter) || letter == '\u2028' || letter == '\u2029' || letter == '\u061c'
            || letter == '\u200e' || letter == '\u200f'
            || (letter >= '\u202a' && letter <= '\u202e') || (letter >= '\u2066' && letter <= '\u2069');
    }
}
