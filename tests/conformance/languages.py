"""The languages of the suites: what each requires, and how its programs are built and run."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Dict, List, Optional, Tuple

ROOT = Path(__file__).resolve().parents[2]
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")).resolve()
LIBRARIES = TARGET / "debug"
PROGRAMS = TARGET / "programs"

_BUILD_SECONDS = 600


@dataclass(frozen=True)
class Language:
    """A language of a suite."""

    #: The commands without which it is skipped.
    tools: Tuple[str, ...]
    #: Builds its program of a suite, a folder of `tests/`, and returns the command that runs it.
    #: The library and the programs in Rust are there already.
    build: Callable[[str], List[str]]
    #: The environment variables of its program.
    environment: Optional[Dict[str, str]] = None
    #: The C++ headers without which it is skipped.
    headers: Tuple[str, ...] = ()
    #: Whether its program is one for Windows.
    is_on_windows: bool = False

    def missing(self) -> List[str]:
        """The commands and headers that are missing here."""
        tools = [tool for tool in self.tools if shutil.which(tool) is None]
        return tools or [header for header in self.headers if not _has_header(header)]


def _has_header(header: str) -> bool:
    """Whether the C++ compiler finds it."""
    command = ["c++", "-std=c++17", "-E", "-x", "c++", "-DMSGPACK_NO_BOOST", "-", "-o", os.devnull]
    looked = subprocess.run(
        command, input=f"#include <{header}>\n", text=True, stderr=subprocess.DEVNULL
    )
    return looked.returncode == 0


def run(*command: object) -> None:
    """Runs a build command, which must succeed."""
    words = [str(word) for word in command]
    subprocess.run(words, cwd=ROOT, check=True, timeout=_BUILD_SECONDS)


def build_rust() -> None:
    """Builds the library, the tools, and the programs in Rust: before those in other languages."""
    run(ROOT / "ci" / "build")


def _rust(suite: str) -> List[str]:
    return [str(LIBRARIES / "examples" / suite)]


def _c(suite: str) -> List[str]:
    program = PROGRAMS / f"{suite}-c"
    strict = ["-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-D_POSIX_C_SOURCE=200809L"]
    library = ["-L", LIBRARIES, "-lcallgate", f"-Wl,-rpath,{LIBRARIES}", "-lpthread"]
    sources = sorted((ROOT / "tests" / suite / "c").glob("*.c"))
    run("cc", *strict, "-g", "-I", "include", *sources, "-o", program, *library)
    return [str(program)]


def _cpp(suite: str) -> List[str]:
    program = PROGRAMS / f"{suite}-cpp"
    strict = ["-std=c++17", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-DMSGPACK_NO_BOOST"]
    headers = ["-I", "include", "-I", "bindings/cpp"]
    library = ["-L", LIBRARIES, "-lcallgate", f"-Wl,-rpath,{LIBRARIES}", "-lpthread"]
    sources = sorted((ROOT / "tests" / suite / "cpp").glob("*.cpp"))
    run("c++", *strict, "-g", *headers, *sources, "-o", program, *library)
    return [str(program)]


def _python(suite: str) -> List[str]:
    return [sys.executable, str(ROOT / "tests" / suite / "python" / "main.py")]


def dotnet_build(project: Path) -> str:
    """Builds a .NET project, and returns the command `dotnet`."""
    sdk = subprocess.run(
        [ROOT / "ci" / "dotnet-sdk"],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=_BUILD_SECONDS,
    ).stdout.strip()
    dotnet = Path(sdk) / "dotnet"
    quiet = ["-nologo", "-v:q", "-clp:NoSummary", "-nodeReuse:false"]
    options = ["-p:UseSharedCompilation=false", f"-p:CallgateOutput={TARGET / 'dotnet'}/"]
    run(dotnet, "build", project, *quiet, *options, "-p:CallgateCoreOnly=true")
    return str(dotnet)


def _dotnet(suite: str) -> List[str]:
    dotnet = dotnet_build(ROOT / "tests" / suite / "dotnet")
    built = TARGET / "dotnet" / "bin" / suite / "Debug" / "netcoreapp3.1"
    return [dotnet, str(built / f"{suite}.dll")]


LANGUAGES: Dict[str, Language] = {
    "rust": Language(("cargo",), _rust),
    "c": Language(("cc",), _c),
    "cpp": Language(("c++",), _cpp, headers=("msgpack.hpp",)),
    "python": Language(
        ("python3",),
        _python,
        {
            "PYTHONPATH": str(ROOT / "bindings" / "python"),
            "CALLGATE_LIBRARY": str(LIBRARIES / "libcallgate.so"),
        },
    ),
    # Without dotnet, ci/dotnet-sdk fetches the SDK from npm.
    "dotnet": Language(
        ("dotnet",) if shutil.which("dotnet") else ("npm",),
        _dotnet,
        {"LD_LIBRARY_PATH": str(LIBRARIES)},
    ),
}
