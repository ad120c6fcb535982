using System;
using System.Linq;

namespace Callgate.Tests
{
    /// <summary>Runs the tests, or a role in one of them as a process of its own.</summary>
    internal static class Program
    {
        private static int Main(string[] arguments)
        {
            string part = arguments.FirstOrDefault() ?? "";
            switch (part)
            {
                case "exit": return ExitProgram.Run(arguments[1]);
                case "redgate": return RedGateProgram.Program.Run(Session.UniquePipe());
                case "readme": return ReadmeProgram.Run();
                case "lonely-host": return LonelyHost.Run(arguments[1], isDoubled: false);
                case "doubled-host": return LonelyHost.Run(arguments[1], isDoubled: true);
                case "described-host": return DescribedHost.Run(arguments[1]);
                case "throwing-host": return ThrowingHost.Run(arguments[1]);
                default: return Runner.Run(Processes.RuntimeName, part);
            }
        }
    }
}
