using System;

namespace Callgate
{
    /// <summary>The assemblies of the framework, which contain no contracts.</summary>
    internal static class FrameworkAssemblies
    {
        public static bool Contains(string? name) =>
            name == "mscorlib" || name == "netstandard" || name == "System" || name == "WindowsBase"
            || StartsWith(name, "System.") || StartsWith(name, "Microsoft.") || StartsWith(name, "Mono.");

        private static bool StartsWith(string? name, string prefix) =>
            name?.StartsWith(prefix, StringComparison.Ordinal) == true;
    }
}
