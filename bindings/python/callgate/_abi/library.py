"""Finds and loads the shared library."""

import ctypes
import os
import sys
from pathlib import Path
from typing import Iterator

#: The binary interface that this package speaks; CALLGATE_ABI_VERSION of the header.
ABI_VERSION = 0

#: An environment variable with the path of the library, before all other places.
VARIABLE = "CALLGATE_LIBRARY"

_NAMES = {"win32": "callgate.dll", "darwin": "libcallgate.dylib"}


def find() -> Path:
    """Finds the library.

    It is the one that CALLGATE_LIBRARY names; else the one beside this package, where a wheel puts
    it; else the one in target/release, or in target/debug, of the checkout that holds this package.
    """
    chosen = os.environ.get(VARIABLE)
    places = [Path(chosen)] if chosen else list(_places())
    for place in places:
        if place.is_file():
            return place
    looked = "".join(f"\n  {place}" for place in places)
    raise ImportError(
        f"Callgate's shared library was not found; looked for:{looked}\n"
        "Build it with 'cargo build --release' in Callgate's folder, "
        f"or set {VARIABLE} to its path."
    )


def _places() -> Iterator[Path]:
    name = _NAMES.get(sys.platform, "libcallgate.so")
    package = Path(__file__).resolve().parents[1]
    yield package / name
    checkout = package.parents[2]
    if (checkout / "Cargo.toml").is_file():
        yield checkout / "target" / "release" / name
        yield checkout / "target" / "debug" / name


def _load(path: Path) -> ctypes.CDLL:
    try:
        library = ctypes.CDLL(str(path))
        found = library.callgate_abi_version
    except (OSError, AttributeError) as error:
        raise ImportError(f"{path} could not be loaded: {error}") from error
    found.restype = ctypes.c_uint32
    if found() != ABI_VERSION:
        raise ImportError(
            f"{path} has binary interface {found()}, but this package speaks {ABI_VERSION}"
        )
    return library


def _refuse_other_interpreters() -> None:
    """Threads that come from C can enter the main interpreter of a process only."""
    main = ctypes.pythonapi.PyInterpreterState_Main
    # Python 3.8 has it by its old name.
    here = getattr(ctypes.pythonapi, "PyInterpreterState_Get", None)
    here = here or ctypes.pythonapi._PyInterpreterState_Get
    main.restype = here.restype = ctypes.c_void_p
    if main() != here():
        raise ImportError("callgate can be used by the main interpreter of a process only")


if hasattr(ctypes, "pythonapi"):
    _refuse_other_interpreters()
_path = find()

#: For functions that may wait: they run without the interpreter's lock.
library = _load(_path)

#: For functions that never wait, and run no callback: keeping the lock is faster.
quick = ctypes.PyDLL(str(_path))
