"""Adds up the counts of cargo test, pytest, doctest and others; names failed and skipped ones."""

import re
import sys

CARGO = re.compile(r"^test result: \w+\. (\d+) passed; (\d+) failed; (\d+) ignored")
OTHERS = re.compile(r"^(?:\w+: )?(\d+) passed, (\d+) failed$")
PYTEST = re.compile(r"^(?=.*\d+ (?:passed|failed|error|skipped)).* in [\d.]+s")
DOCTEST = re.compile(
    r"^(?:\d+: )?\[doctest\] test cases: *\d+ \| *(\d+) passed \| *(\d+) failed \| *(\d+) skipped"
)
# Each of them names a test that failed in a line of its own.
FAILED = re.compile(
    r"^(?:\w+: )?FAILED:? .+|^ERROR .+|^test .+ \.\.\. FAILED$|^(?:\d+: )?TEST CASE: .+"
)
# A process of tests that a signal or its watchdog has ended has printed no counts.
CRASHED = re.compile(
    r"process didn't exit successfully: (?:.*\(signal: .*\)|`[^`]*/deps/[^`]*` \(exit status: .*\))"
)


def main(path: str) -> int:
    """Prints the counts; fails when a test failed or none ran."""
    passed = failed = skipped = 0
    names = []
    with open(path, encoding="utf-8", errors="replace") as log:
        for line in log:
            if FAILED.match(line):
                names.append(line.rstrip())
            elif CRASHED.search(line):
                names.append(line.strip())
                failed += 1
            elif line.startswith("SKIPPED"):
                print(line.rstrip())
                skipped += 1
            elif found_counts := CARGO.match(line) or DOCTEST.match(line):
                counts = [int(count) for count in found_counts.groups()]
                passed, failed, skipped = (
                    passed + counts[0],
                    failed + counts[1],
                    skipped + counts[2],
                )
            elif other := OTHERS.match(line):
                passed, failed = passed + int(other[1]), failed + int(other[2])
            elif PYTEST.match(line):
                found = {word: int(n) for n, word in re.findall(r"(\d+) (\w+)", line)}
                passed += found.get("passed", 0)
                failed += found.get("failed", 0) + found.get("error", 0) + found.get("errors", 0)
                skipped += found.get("skipped", 0)
    print("\n".join(names), end="\n" if names else "")
    tail = f", {skipped} skipped" if skipped else ""
    print(f"{passed} passed, {failed} failed{tail}")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
