"""What differs between operating systems, in one place.

Windows' part has never run there: no interpreter for Windows was available. Its tests imitate it.

Ctrl-C needs nothing here. On Windows Python notes it on a thread of the console, and raises
KeyboardInterrupt on the main thread as soon as that runs Python code, which it does every 50 ms
while it waits in a call (signals.py). Closing the console's window, logging off and Ctrl-Break end
the process at once, and clients and hosts with it: their peers see the connection break.
"""

import ctypes
import sys
from typing import Any, Callable, Optional

IS_WINDOWS = sys.platform == "win32"

_LIBRARIES = {"win32": "callgate.dll", "darwin": "libcallgate.dylib"}


def library_name(platform: str = sys.platform) -> str:
    """The file name of the shared library."""
    return _LIBRARIES.get(platform, "libcallgate.so")


def set_code(error: OSError, code: int, is_windows: bool = IS_WINDOWS) -> None:
    """Sets the system's code of an error.

    Windows' codes are not those of `errno`: Python knows which of them means what.
    """
    if is_windows:
        error.winerror = code  # type: ignore[attr-defined]
        error.errno = _errno_of(code)
    else:
        error.errno = code


def _errno_of(code: int) -> Optional[int]:
    # Only on Windows has it a fourth argument, which replaces the first one.
    return OSError(0, "", None, code).errno


def thread_end_hook(open_program: Callable[[None], Any] = ctypes.PyDLL) -> Optional[Any]:
    """The function that has another one run when the thread ends, if the system has it.

    It is the hook with which C++ destroys thread_local variables. It runs before the destructors of
    pthread_key_create(), in which Python forgets the thread. Windows has none, and does not know
    the program itself as a library, which is a TypeError there.
    """
    try:
        hook = open_program(None)["__cxa_thread_atexit_impl"]
    except (OSError, AttributeError, TypeError):
        return None
    hook.argtypes = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p)
    return hook
