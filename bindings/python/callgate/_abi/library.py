"""Finds and loads the shared library."""

import ctypes
import os
from pathlib import Path
from typing import Iterator

from . import system

#: The binary interface version that this package needs: CALLGATE_ABI_VERSION of the header.
ABI_VERSION = 0

#: The environment variable with the path of the library, which takes precedence.
VARIABLE = "CALLGATE_LIBRARY"


def find() -> Path:
    """Finds the library.

    It is the one that CALLGATE_LIBRARY names. Without that variable it is the first that exists of:
    the one in the package's folder, where a wheel installs it; target/release and target/debug of
    the checkout that contains the package.
    """
    chosen = os.environ.get(VARIABLE)
    places = [Path(chosen)] if chosen else list(_places())
    for place in places:
        if place.is_file():
            return place
    paths = "".join(f"\n  {place}" for place in places)
    raise ImportError(
        f"Callgate's shared library was not found at:{paths}\n"
        "Build it with 'cargo build --release' in Callgate's checkout, "
        f"or set {VARIABLE} to its path."
    )


def _places() -> Iterator[Path]:
    name = system.library_name()
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
            f"{path} has binary interface version {found()}, but this package needs version "
            f"{ABI_VERSION}: install the package and the library from the same release"
        )
    return library


def _reject_subinterpreters() -> None:
    """Raises ImportError in a subinterpreter: C's threads can only enter the main interpreter."""
    main = ctypes.pythonapi.PyInterpreterState_Main
    # Python 3.8 has only the old name.
    here = getattr(ctypes.pythonapi, "PyInterpreterState_Get", None)
    here = here or ctypes.pythonapi._PyInterpreterState_Get
    main.restype = here.restype = ctypes.c_void_p
    if main() != here():
        raise ImportError("callgate works only in the main interpreter of a process")


if hasattr(ctypes, "pythonapi"):
    _reject_subinterpreters()
_path = find()

#: For functions that may wait or run callbacks: ctypes releases the GIL.
library = _load(_path)

#: For functions that never wait and run no callback: keeping the GIL is faster.
quick = ctypes.PyDLL(str(_path))
