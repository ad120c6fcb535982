using System;
using System.IO;
using System.IO.Compression;
using System.Linq;
using System.Text;

namespace Callgate.Tests
{
    /// <summary>The package that ci/dotnet creates; a manual run may have none.</summary>
    internal static class PackageTests
    {
        [Test]
        private static void ItHasEveryFrameworkWithSymbolsAndDocumentation() => With(package =>
        {
            foreach (string framework in Frameworks())
                foreach (string kind in new[] { "dll", "xml", "pdb" })
                    Entry(package, $"lib/{framework}/Callgate.{kind}");
            if (IsForFramework)
                foreach (string folder in new[] { "build", "buildTransitive" })
                    Entry(package, $"{folder}/net461/Callgate.targets");
        });

        [Test]
        private static void ItsLibraryIsStripped() => With(package =>
        {
            string library = Environment.GetEnvironmentVariable("CALLGATE_LIBRARY")!;
            byte[] packed = Read(Entry(package, "runtimes/linux-x64/native/libcallgate.so"));
            Check.That(packed.Length < new FileInfo(library).Length, "it is smaller than what cargo builds");
            string text = Encoding.ASCII.GetString(packed);
            Check.That(!text.Contains("\0.debug_line\0") && !text.Contains("\0.symtab\0"), "no names for debuggers are left");
            Check.Contains("callgate_host_new", text);
        });

        [Test]
        private static void ItSaysWhatItIsAndWhoMayUseIt() => With(package =>
        {
            foreach (string file in new[] { "README.md", "LICENSE-MIT", "LICENSE-APACHE" })
                Entry(package, file);
            string description = Encoding.UTF8.GetString(Read(Entry(package, "Callgate.nuspec")));
            Check.Contains("<id>Callgate</id>", description);
            Check.Contains("<license type=\"expression\">MIT OR Apache-2.0</license>", description);
            Check.That(!description.Contains("<dependency "), "it depends on no other package");
        });

        [Test]
        private static void ItsAddressesAreThoseThatTheBuildIsGiven()
        {
            With(package =>
            {
                string description = Encoding.UTF8.GetString(Read(Entry(package, "Callgate.nuspec")));
                Check.Contains("<repository type=\"git\" url=\"https://example.org/callgate.git\"", description);
                Check.Contains("<projectUrl>https://example.org/callgate</projectUrl>", description);
            });
            With(
                package =>
                {
                    string description = Encoding.UTF8.GetString(Read(Entry(package, "Callgate.nuspec")));
                    Check.That(!description.Contains("<repository"), "it names no repository");
                    Check.That(!description.Contains("<projectUrl"), "it names no home page");
                },
                "-without-addresses");
        }

        private static bool IsForFramework => Directory.Exists("/usr/lib/mono/4.6.1-api");

        private static string[] Frameworks() =>
            IsForFramework ? new[] { "netstandard2.1", "netstandard2.0", "net461" } : new[] { "netstandard2.1" };

        private static void With(Action<ZipArchive> test, string suffix = "")
        {
            string? folder = Environment.GetEnvironmentVariable("CALLGATE_PACKAGES");
            if (folder == null)
            {
                Console.WriteLine("SKIPPED PackageTests: CALLGATE_PACKAGES names no folder");
                return;
            }
            using (ZipArchive package = ZipFile.OpenRead(Directory.GetFiles(folder + suffix, "Callgate.*.nupkg").Single()))
                test(package);
        }

        private static ZipArchiveEntry Entry(ZipArchive package, string name) => package.GetEntry(name)
            ?? throw new Exception($"{name} is missing among {string.Join(", ", package.Entries.Select(entry => entry.FullName))}");

        private static byte[] Read(ZipArchiveEntry entry)
        {
            using (Stream stream = entry.Open())
            using (var read = new MemoryStream())
            {
                stream.CopyTo(read);
                return read.ToArray();
            }
        }
    }
}
