"""The languages on Windows: their programs are built here, and run under wine by `ci/windows`."""

import os
from pathlib import Path
from typing import Dict, List

from languages import ROOT, TARGET, Language, dotnet_build, run

_WINDOWS = ROOT / "ci" / "windows"
_OUTPUT = TARGET / "windows"
_BUILT = _OUTPUT / "x86_64-pc-windows-gnu" / "debug"
_PROGRAMS = _OUTPUT / "programs"
_CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
_HEADERS = _CACHE / "callgate-windows" / "headers"


def _under_wine(program: Path) -> List[str]:
    return [str(_WINDOWS), "exec", str(program)]


def _rust(suite: str) -> List[str]:
    run(ROOT / "ci" / "wine" / "build")
    return _under_wine(_BUILT / "examples" / f"{suite}.exe")


def _compiled(compiler: str, ending: str, *options: object) -> List[str]:
    run(ROOT / "ci" / "wine" / "build")
    _PROGRAMS.mkdir(parents=True, exist_ok=True)
    program = _PROGRAMS / f"conformance-{ending}.exe"
    sources = sorted((ROOT / "tests" / "conformance" / ending).glob(f"*.{ending}"))
    strict = ["-Wall", "-Wextra", "-Wpedantic", "-Werror", "-g", "-I", "include"]
    library = [_BUILT / "deps" / "libcallgate.dll.a", "-static", "-lpthread"]
    run(
        f"x86_64-w64-mingw32-{compiler}-posix", *strict, *options, *sources, "-o", program, *library
    )
    return _under_wine(program)


def _c(_suite: str) -> List[str]:
    return _compiled("gcc", "c", "-std=c99")


def _cpp(_suite: str) -> List[str]:
    headers = ["-I", "bindings/cpp", "-isystem", _HEADERS / "include"]
    return _compiled("g++", "cpp", "-std=c++17", "-DMSGPACK_NO_BOOST", *headers)


def _dotnet(suite: str) -> List[str]:
    dotnet_build(ROOT / "tests" / suite / "dotnet")
    built = TARGET / "dotnet" / "bin" / suite / "Debug" / "netcoreapp3.1"
    return _under_wine(built / f"{suite}.dll")


#: Where Windows looks for the library.
_PATH = {"WINEPATH": "Z:" + str(_BUILT / "deps").replace("/", "\\")}

ON_WINDOWS: Dict[str, Language] = {
    f"windows-{name}": Language((), build, _PATH, is_on_windows=True)
    for name, build in {"rust": _rust, "c": _c, "cpp": _cpp, "dotnet": _dotnet}.items()
}
