"""Owners of hosts and clients: what a program leaves open is closed before its interpreter ends.

A thread of Callgate that asked for the lock of an interpreter that is ending would take the process
down with it. So each host and client is waited for at exit, also those that were let go of and are
still ending: once it is closed, nothing of it calls Python any more.
"""

import atexit
import os
from typing import Any, Callable, ClassVar, Dict, List, Type

from .._exceptions import Status
from .._timeouts import NOW
from .handles import Handle

_SLICE_MS = 100


class Owner(Handle):
    """Owns the handle of something that has threads."""

    __slots__ = ()

    #: The C functions that close it, and that wait until it is closed.
    close: ClassVar[Any]
    wait: ClassVar[Any]
    #: Its turn at exit.
    turn: ClassVar[int]

    def __init__(self, value: int) -> None:
        """Takes over a handle."""
        super().__init__(value)
        _unfreed[value] = type(self)
        _free_ended()

    def __del__(self) -> None:
        """Begins to close it; it is freed when that is done."""
        # In the child of a fork it is not known.
        kind = _unfreed.get(self.value)
        if kind is not None:
            kind.close(self.value, NOW, None)
            _ending[self.value] = kind
            _free_ended()


# Those that are not freed, and those of them that the program has let go of.
_unfreed: Dict[int, Type[Owner]] = {}
_ending: Dict[int, Type[Owner]] = {}


def _free_ended() -> None:
    for value, kind in list(_ending.items()):
        still_ends = kind.wait(value, NOW, None) in (Status.TIMED_OUT, Status.WOULD_DEADLOCK)
        # Another thread may be at it too.
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
        # Clients first: calls that wait end, so that delegates that made them return.
        value, kind = min(_unfreed.items(), key=lambda item: item[1].turn)
        timeout_ms = 0
        # A delegate that still runs is waited for, like any thread that is not a daemon. In
        # slices, between which Ctrl-C is heard.
        while kind.close(value, timeout_ms, None) == Status.TIMED_OUT:
            timeout_ms = _SLICE_MS
        _unfreed.pop(value, None)
    # What is left goes with the process: freeing it would run Python's code on whichever thread.
    del Handle.__del__, Owner.__del__


def _forget_all() -> None:
    _unfreed.clear()
    _ending.clear()


if hasattr(os, "register_at_fork"):
    # They belong to the parent, which closes them.
    os.register_at_fork(after_in_child=_forget_all)
