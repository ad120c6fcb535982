"""Keeps the Python thread state of a Callgate thread from one callback to the next.

Python creates a thread state for a foreign thread at the start of each callback and destroys it at
the end, which takes longer than everything else in a small call. An extra reference keeps it. The
reference is released when the thread ends, which closing its host or client waits for.
"""

import ctypes
import os
import threading
from typing import Any, Dict, Set

from . import native, system

# PyGILState_LOCKED: what PyGILState_Ensure() returns for a nested reference.
_LOCKED = 0

_on_thread_end = system.thread_end_hook()

_take = ctypes.pythonapi.PyGILState_Ensure
_give_back = ctypes.pythonapi.PyGILState_Release
_give_back.argtypes = (ctypes.c_int,)
_give_back.restype = None

#: What keep() has kept for each Callgate thread, by the thread's ident.
kept: Dict[int, Any] = {}


#: The threads whose state keep_state() has kept.
with_state: Set[int] = set()


def keep_state() -> None:
    """Keeps the thread state of this thread until it ends, if Callgate started the thread."""
    if _on_thread_end is not None and native.thread_is_own():
        with_state.add(threading.get_ident())
        _on_thread_end(_ended_address, None, None)
        _take()


def keep(what: Any) -> bool:
    """Keeps an object and the thread state of this Callgate thread until the thread ends.

    Returns:
        Whether the end of a thread can be noticed. If not, the next thread with the same ident
        gets the object.
    """
    kept[threading.get_ident()] = what
    if _on_thread_end is None:
        return False
    _on_thread_end(_ended_address, None, None)
    _take()
    return True


@ctypes.CFUNCTYPE(None, ctypes.c_void_p)
def _ended(_: Any) -> None:
    ident = threading.get_ident()
    kept.pop(ident, None)
    with_state.discard(ident)
    _give_back(_LOCKED)


_ended_address = ctypes.cast(_ended, ctypes.c_void_p)


def _forget_others() -> None:
    here = threading.get_ident()
    for thread in list(kept):
        if thread != here:
            del kept[thread]
    with_state.intersection_update({here})


if hasattr(os, "register_at_fork"):
    # The child has only this thread.
    os.register_at_fork(after_in_child=_forget_others)
