"""Closes at exit what the program left open, so that no callback runs into a dead interpreter."""

import atexit
import os
import weakref
from typing import Any, Tuple

from . import _abi
from ._threads import wait_for_ends

_TIMED_OUT = 4
_SLICE_MS = 100
# They end at once; this is for a machine that is very busy.
_THREADS_END = 5.0

# Handles with the C functions that close them.
_clients: "weakref.WeakSet[Any]" = weakref.WeakSet()
_hosts: "weakref.WeakSet[Any]" = weakref.WeakSet()


def close_client_at_exit(handle: Any) -> None:
    """Closes a client at exit, if it still exists."""
    _clients.add(handle)


def close_host_at_exit(handle: Any) -> None:
    """Closes a host at exit, if it still exists."""
    _hosts.add(handle)


@atexit.register
def _close_all() -> None:
    # Clients first: calls that wait end, so that delegates that made them return.
    owners: Tuple[Tuple[Any, Any], ...] = (
        (_clients, _abi.client_close),
        (_hosts, _abi.host_close),
    )
    for handles, close in owners:
        for handle in list(handles):
            timeout_ms = 0
            # A delegate that still runs is waited for, like any thread that is not a daemon. In
            # slices, between which Ctrl-C is heard.
            while close(handle.value, timeout_ms, None) == _TIMED_OUT:
                timeout_ms = _SLICE_MS
    wait_for_ends(_THREADS_END)


def _forget_all() -> None:
    _clients.clear()
    _hosts.clear()


if hasattr(os, "register_at_fork"):
    # They belong to the parent, which closes them.
    os.register_at_fork(after_in_child=_forget_all)
