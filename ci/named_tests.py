"""The tests that sabotages name, in each language: how they are built and run."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Dict, List

ROOT = Path(__file__).resolve().parents[1]


class Test:
    """A test. Commands run in the root of the sources; `target` is the folder for what is built."""

    #: Whether little is built anew for a patch.
    is_quick = True

    def __init__(self, words: str) -> None:
        self.words = words
        self.name = words.split()[-1]
        #: Tests of one group are in one program, or in one module of it.
        self.group = type(self).__name__
        #: Whether it needs the C ABI. Without it, building takes a third of the time.
        self.needs_c_abi = True
        #: Matches the output of the test if it has run, whatever its outcome.
        self.ran = re.escape(self.name)

    def environment(self, target: Path) -> Dict[str, str]:
        return {}

    def builds(self, target: Path) -> List[List[str]]:
        return [["cargo", "build", "--quiet"]]

    def command(self, target: Path) -> List[str]:
        raise NotImplementedError


class Rust(Test):
    """Named by the arguments of `cargo test`, of which the last one is the test's whole name."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        program = " ".join(words.split()[:-1])
        self.group = program + " " + self.name.partition("::")[0]
        self.needs_c_abi = self.group.startswith(("--test c ", "--lib ffi"))
        self.ran = "\nrunning 1 test\n"
        features = [] if self.needs_c_abi else ["--no-default-features"]
        self._cargo = ["cargo", "test", "--quiet", *program.split(), *features]

    def builds(self, target: Path) -> List[List[str]]:
        return [[*self._cargo, "--no-run"]]

    def command(self, target: Path) -> List[str]:
        return [*self._cargo, "--", "--exact", self.name]


class Python(Test):
    """Named by its file in bindings/python/tests/ and its function."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.group = words.partition("::")[0]

    def command(self, target: Path) -> List[str]:
        test = f"bindings/python/tests/{self.words}"
        return [sys.executable, "-m", "pytest", "-q", "-rA", "-p", "no:cacheprovider", test]


class Cpp(Test):
    """Named by its file in bindings/cpp/tests/ and its TEST_CASE."""

    is_quick = False

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.group, _, self.name = words.partition("::")
        self.ran = "test cases: +1 "

    def builds(self, target: Path) -> List[List[str]]:
        build, library = f"{target}/cpp/build", f"{target}/debug/libcallgate.so"
        configure = ["cmake", "-S", "bindings/cpp", "-B", build, "--log-level=WARNING"]
        configure += ["-DCALLGATE_TESTS=ON", f"-DCALLGATE_TEST_SOURCES={self.group}"]
        make = ["cmake", "--build", build, "--target", "test_cpp", "--parallel", "2"]
        return [*super().builds(target), [*configure, f"-DCALLGATE_LIBRARY={library}"], make]

    def command(self, target: Path) -> List[str]:
        escaped = self.name.replace(",", "\\,")
        return [f"{target}/cpp/build/tests/test_cpp", f"--test-case={escaped}"]


class DotNet(Test):
    """Named by its class and method in bindings/dotnet/tests/."""

    is_quick = False

    def environment(self, target: Path) -> Dict[str, str]:
        command = [str(ROOT / "ci" / "dotnet-sdk")]
        sdk = subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout.decode().strip()
        path = f"{sdk}{os.pathsep}{os.environ['PATH']}"
        return {"PATH": path, "MSBUILDDISABLENODEREUSE": "1", "LD_LIBRARY_PATH": f"{target}/debug"}

    def builds(self, target: Path) -> List[List[str]]:
        build = ["dotnet", "build", "bindings/dotnet/tests", "-nologo", "-v:q", "-m:1"]
        build += ["-p:UseSharedCompilation=false", "-p:CallgateCoreOnly=true"]
        return [*super().builds(target), [*build, f"-p:CallgateOutput={target}/dotnet/"]]

    def command(self, target: Path) -> List[str]:
        program = "dotnet/bin/Callgate.Tests/Debug/netcoreapp3.1/Callgate.Tests.dll"
        return ["dotnet", f"{target}/{program}", self.name]


#: What begins the line of a patch that names a test in this language.
LANGUAGES = {"test": Rust, "pytest": Python, "cpp": Cpp, "dotnet": DotNet}
