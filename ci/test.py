"""Runs every test, side by side where that saves time: ci/test explains."""

import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import List

import counts
from parts import ROOT, Lane, Part, Parts

RUST = ["cargo", "test", "--workspace", "--no-fail-fast"]


#: What the lanes share. In them, cargo builds nothing that another one uses.
BUILDS = [
    Part("cargo test --no-run", [*RUST, "--no-run"]),
    # Last, since the bindings load this library.
    Part("cargo build", ["cargo", "build"]),
]


def lanes(oldest: str, options: List[str]) -> List[Lane]:
    """All tests, in lanes of about the same length. Without `oldest`, one Python runs them."""

    def script(name: str, *arguments: str) -> Part:
        return Part(" ".join([name, *arguments]), [f"ci/{name}", *arguments, *options])

    def python_tests(name: str, python: str) -> Part:
        return Part(name, [python, "-m", "pytest", "-q", "bindings/python/tests"])

    # All of them build .NET projects, whose common part has one folder.
    dotnet = [script(name) for name in ("dotnet", "conformance", "examples")]
    dotnet += [script("chaos", "15"), script("snippets")]
    # It takes the library that the snippets have built.
    dotnet.append(Part("install cmake", ["ci/install", *options, "cmake"]))
    others = [script("cpp"), python_tests("pytest", sys.executable)]
    if oldest:
        others.append(python_tests("pytest with Python 3.8", oldest))
    return [[Part("cargo test", RUST)], dotnet, [*others, script("mcp")]]


def oldest_python(parts: Parts) -> str:
    """The oldest Python that the wrapper is for; empty if it is not available."""
    asked = subprocess.run(["ci/python", "3.8"], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    if asked.returncode != 0:
        # ruff still refuses newer syntax.
        parts.say("SKIPPED: the Python wrapper on Python 3.8")
    return asked.stdout.strip()


def main() -> int:
    """Runs them; prints how long each took, and the counts."""
    # Then parts that run are stopped too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with tempfile.TemporaryDirectory(prefix="callgate-test-") as name:
        log = Path(name) / "log"
        log.touch()
        parts = Parts(log)
        try:
            tests = lanes(oldest_python(parts), sys.argv[1:])
            parts.run([BUILDS])
            parts.run(tests)
        finally:
            parts.stop()
        print(parts.times())
        failed = counts.main(str(log)) != 0
        # Of a part that did not begin, the code is None.
        return 1 if failed or any(part.code != 0 for part in sum(tests, BUILDS)) else 0


if __name__ == "__main__":
    sys.exit(main())
