using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Text.RegularExpressions;

namespace Callgate.Tests
{
    /// <summary>The table of RedGate.Ipc's public API, and the program that uses the members that it calls the same.</summary>
    internal static class RedGateTests
    {
        [Test]
        private static void AProgramUsesEveryMemberThatIsTheSame()
        {
            (int code, string output) = Processes.Finish(Processes.Start("redgate"));
            Check.That(code == 0, output);
            Check.Contains("all members", output);
        }

        [Test]
        private static void ThePageCallsTheSameWhatTheProgramUses()
        {
            var used = UsedMembers.Of(typeof(RedGateProgram.Program).Namespace!);
            string[] same = Rows("same").Where(entry => entry.Contains('(') || entry.Contains('.')).ToArray();
            Check.Same(new string[0], same.Except(used.Members));
            Check.Same(new string[0], used.Members.Except(same));
            Check.Same(new string[0], Rows("same").Except(same).Except(used.Types));
        }

        [Test]
        private static void WhatThePageMissesIsNotThere()
        {
            var types = typeof(ClientBuilder).Assembly.GetExportedTypes().ToDictionary(MemberNames.Of);
            foreach (string entry in Rows("not there"))
            {
                string[] parts = entry.Split('(')[0].Split('.');
                bool isThere = types.TryGetValue(parts[0], out Type? type)
                    && (parts.Length == 1 || type!.GetMember(parts[1]).Length > 0);
                Check.That(!isThere, $"{entry} is there");
            }
        }

        /// <summary>The names in the first column of the rows whose second column begins with a text.</summary>
        private static List<string> Rows(string status)
        {
            using (Stream page = typeof(RedGateTests).Assembly.GetManifestResourceStream("coming-from-redgate-ipc.md")!)
            using (var reader = new StreamReader(page))
                return reader.ReadToEnd().Split('\n')
                    .Select(line => Regex.Split(line, @" \| "))
                    .Where(cells => cells[0].StartsWith("| `", StringComparison.Ordinal) && cells[1].StartsWith(status, StringComparison.Ordinal))
                    .SelectMany(cells => Regex.Matches(cells[0], "`([^`]+)`").Cast<Match>())
                    .Select(found => found.Groups[1].Value).ToList();
        }
    }
}
