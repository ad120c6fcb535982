"""Keeps Python's state of Callgate's threads from one callback to the next.

Python makes a state for a foreign thread at the start of each callback, and throws it away at the
end, which takes longer than everything else that a small call does. A further reference keeps it;
it is given back when the thread ends, which closing its host or client waits for.
"""

import ctypes
import os
import threading
from typing import Any, Dict, Set

from . import native

# PyGILState_LOCKED: the state in which a nested reference is taken, and given back.
_LOCKED = 0

_on_thread_end: Any
try:
    # What C++ destroys its thread_local variables by: it comes before the destructors of
    # pthread_key_create(), by which Python would have forgotten the thread.
    _on_thread_end = ctypes.PyDLL(None)["__cxa_thread_atexit_impl"]
    _on_thread_end.argtypes = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p)
except (OSError, AttributeError, TypeError):
    _on_thread_end = None

_take = ctypes.pythonapi.PyGILState_Ensure
_give_back = ctypes.pythonapi.PyGILState_Release
_give_back.argtypes = (ctypes.c_int,)
_give_back.restype = None

#: What is kept for each thread of Callgate's, by the thread's ident.
kept: Dict[int, Any] = {}


#: Threads whose state is kept by keep_state().
with_state: Set[int] = set()


def keep_state() -> None:
    """Keeps the state of this thread until it ends, if Callgate started it."""
    if _on_thread_end is not None and native.thread_is_own():
        with_state.add(threading.get_ident())
        _on_thread_end(_ended_address, None, None)
        _take()


def keep(what: Any) -> bool:
    """Keeps something, and the state of this thread, which is Callgate's, until the thread ends.

    Returns:
        Whether it is known here when threads end. If not, the next thread of that ident has it.
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
    # In the child those threads do not exist.
    os.register_at_fork(after_in_child=_forget_others)
