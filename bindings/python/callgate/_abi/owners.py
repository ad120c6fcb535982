"""Owners of hosts and clients: all are closed before the interpreter exits.

A Callgate thread that asked for the GIL of an exiting interpreter would crash the process. So the
exit waits for each host and client, garbage-collected ones that are still closing included: once it
is closed, it no longer calls into Python.
"""

import atexit
import os
from typing import Any, Callable, ClassVar, Dict, List, Type

from .._exceptions import Status
from .._timeouts import NOW
from .handles import Handle

_SLICE_MS = 100


class Owner(Handle):
    """Owns the handle of an object that has threads."""

    __slots__ = ()

    #: The C functions that close it, and that wait until it is closed.
    close: ClassVar[Any]
    wait: ClassVar[Any]
    #: Its order at exit: lower numbers close first.
    turn: ClassVar[int]

    def __init__(self, value: int) -> None:
        """Takes over a handle."""
        super().__init__(value)
        _unfreed[value] = type(self)
        _free_ended()

    def __del__(self) -> None:
        """Begins to close the object, which is freed once it is closed."""
        # In a forked child it is not listed.
        kind = _unfreed.get(self.value)
        if kind is not None:
            kind.close(self.value, NOW, None)
            _ending[self.value] = kind
            _free_ended()


# The owners that are not freed yet, and those among them that were garbage-collected.
_unfreed: Dict[int, Type[Owner]] = {}
_ending: Dict[int, Type[Owner]] = {}


def _free_ended() -> None:
    for value, kind in list(_ending.items()):
        still_ends = kind.wait(value, NOW, None) in (Status.TIMED_OUT, Status.WOULD_DEADLOCK)
        # Another thread may be freeing it too.
        if not still_ends and _ending.pop(value, None) is not None:
            _unfreed.pop(value, None)
            kind.free(value)


_after_closing: List[Callable[[], None]] = []


def after_closing(function: Callable[[], None]) -> None:
    """Has a function run when the interpreter exits, after all hosts and clients are closed."""
    _after_closing.append(function)


@atexit.register
def _finish() -> None:
    for function in _after_closing:
        function()


# Registered last, it runs first.
@atexit.register
def _close_all() -> None:
    while _unfreed:
        # Clients first: their waiting calls end, so that delegates that made these return.
        value, kind = min(_unfreed.items(), key=lambda item: item[1].turn)
        timeout_ms = 0
        # Waits for running delegates, as Python waits for non-daemon threads; in slices, so that
        # Ctrl-C interrupts it.
        while kind.close(value, timeout_ms, None) == Status.TIMED_OUT:
            timeout_ms = _SLICE_MS
        _unfreed.pop(value, None)
    # The remaining handles are not freed: that would run Python code on any thread.
    del Handle.__del__, Owner.__del__


def _forget_all() -> None:
    _unfreed.clear()
    _ending.clear()


if hasattr(os, "register_at_fork"):
    # The child's copies belong to the parent, which closes them.
    os.register_at_fork(after_in_child=_forget_all)
