using System;
using System.Diagnostics;
using System.IO;
using System.IO.Compression;
using System.Linq;
using System.Reflection;

namespace Callgate.Tests
{
    internal static class PackageBuildTests
    {
        [Test]
        private static void WhatDotnetPackShipsIsOptimised()
        {
            string? folder = Environment.GetEnvironmentVariable("CALLGATE_PACKAGES");
            if (folder == null)
            {
                Console.WriteLine("SKIPPED WhatDotnetPackShipsIsOptimised: CALLGATE_PACKAGES names no folder");
                return;
            }
            using (ZipArchive package = ZipFile.OpenRead(Directory.GetFiles(folder, "Callgate.*.nupkg").Single()))
            using (Stream packed = package.GetEntry("lib/netstandard2.1/Callgate.dll")!.Open())
            using (var bytes = new MemoryStream())
            {
                packed.CopyTo(bytes);
                var debuggable = Assembly.Load(bytes.ToArray()).GetCustomAttribute<DebuggableAttribute>();
                Check.That(debuggable?.IsJITOptimizerDisabled != true, "the package is a release build");
            }
        }
    }
}
