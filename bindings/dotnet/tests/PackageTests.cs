using System;
using System.IO;
using System.IO.Compression;
using System.Linq;

namespace Callgate.Tests
{
    internal static class PackageTests
    {
        [Test]
        private static void TheLibraryLiesWhereDotNetLooksForIt()
        {
            // ci/dotnet makes the package; by hand there may be none.
            string? folder = Environment.GetEnvironmentVariable("CALLGATE_PACKAGES");
            if (folder == null)
            {
                Console.WriteLine("SKIPPED TheLibraryLiesWhereDotNetLooksForIt: CALLGATE_PACKAGES names no folder");
                return;
            }
            string library = Environment.GetEnvironmentVariable("CALLGATE_LIBRARY")!;
            using (ZipArchive package = ZipFile.OpenRead(Directory.GetFiles(folder, "Callgate.*.nupkg").Single()))
            {
                ZipArchiveEntry Entry(string name) =>
                    package.GetEntry(name) ?? throw new Exception($"{name} is missing among {Names(package)}");
                Check.Equal(new FileInfo(library).Length, Entry("runtimes/linux-x64/native/libcallgate.so").Length);
                foreach (string framework in Frameworks())
                {
                    Entry($"lib/{framework}/Callgate.dll");
                    Entry($"lib/{framework}/Callgate.xml");
                }
                using (var reader = new StreamReader(Entry("Callgate.nuspec").Open()))
                {
                    string description = reader.ReadToEnd();
                    Check.Contains("<id>Callgate</id>", description);
                    Check.That(!description.Contains("<dependency "), "it depends on no other package");
                }
            }
        }

        private static string[] Frameworks() =>
            Directory.Exists("/usr/lib/mono/4.7.2-api") ? new[] { "netstandard2.1", "net472" } : new[] { "netstandard2.1" };

        private static string Names(ZipArchive package) => string.Join(", ", package.Entries.Select(entry => entry.FullName));
    }
}
