"""Cancelling calls."""

import os
import threading
from collections import deque
from ctypes import sizeof
from typing import Deque, Set

from .._abi import native, structs
from .._abi.handles import Handle, Local
from .._errors import failures


class CancelTokenHandle(Handle):
    """Owns the handle of a cancel token."""

    __slots__ = ()
    free = native.cancel_token_free


class Canceller:
    """Cancels one started call. It is used for other calls later: creating one takes long."""

    __slots__ = ("_handle", "options", "value")

    def __init__(self) -> None:
        """Creates one that has not cancelled."""
        self._handle = CancelTokenHandle(failures.make(native.cancel_token_new))
        self.value = self._handle.value
        #: The options of a call that has no others.
        self.options = structs.CallOptions(
            struct_size=sizeof(structs.CallOptions), cancel=self.value
        )

    def cancel(self) -> None:
        """Cancels the call. It must not be used for another one then."""
        failures.check(native.cancel_token_cancel, self.value)


#: Those that no call uses now: as many as calls have been under way at once, up to this number.
idle_cancellers: Deque[Canceller] = deque(maxlen=4096)


def new_canceller() -> Canceller:
    """One for a call that starts now."""
    try:
        return idle_cancellers.pop()
    except IndexError:
        return Canceller()


if hasattr(os, "register_at_fork"):
    # The parent's handles do not work in the child.
    os.register_at_fork(after_in_child=idle_cancellers.clear)


# One for all tokens: it is held only for a moment.
_lock = threading.Lock()


class CancelToken(Local):
    """Cancels calls from another thread.

    Pass it to calls: `proxy.call("Work", cancel=token)`. When it is cancelled they raise Cancelled
    at once, and the methods that serve them can notice (Call.is_cancelled). Any number of calls and
    threads may share a token. A cancelled token stays cancelled.
    """

    _instead = "create a token in each process"

    def __init__(self) -> None:
        """Creates a token that is not cancelled."""
        self._handle = CancelTokenHandle(failures.make(native.cancel_token_new))
        self._linked: Set[Canceller] = set()

    def cancel(self) -> None:
        """Cancels all calls that use the token, now and later. Never waits."""
        failures.check(native.cancel_token_cancel, self._handle.value)
        with _lock:
            linked, self._linked = self._linked, set()
        for canceller in linked:
            canceller.cancel()

    @property
    def is_cancelled(self) -> bool:
        """Whether the token was cancelled."""
        return bool(native.cancel_token_is_cancelled(self._handle.value))

    def _link(self, canceller: Canceller) -> None:
        """Cancels a started call together with this one, until _unlink()."""
        with _lock:
            self._linked.add(canceller)
        if self.is_cancelled:
            canceller.cancel()

    def _unlink(self, canceller: Canceller) -> None:
        with _lock:
            self._linked.discard(canceller)

    def __repr__(self) -> str:
        """Whether the token was cancelled, as text."""
        return f"<callgate.CancelToken, {'' if self.is_cancelled else 'not '}cancelled>"
