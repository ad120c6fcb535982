"""Cancelling calls."""

import threading
from typing import Set

from .._abi import native
from .._abi.handles import Handle, Local
from .._errors import failures


class CancelTokenHandle(Handle):
    """Owns the handle of a cancel token."""

    __slots__ = ()
    free = native.cancel_token_free


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
        self._followers: Set[CancelToken] = set()

    def cancel(self) -> None:
        """Cancels all calls that use the token, now and later. Never waits."""
        failures.check(native.cancel_token_cancel, self._handle.value)
        with _lock:
            followers, self._followers = self._followers, set()
        for follower in followers:
            follower.cancel()

    @property
    def is_cancelled(self) -> bool:
        """Whether the token was cancelled."""
        return bool(native.cancel_token_is_cancelled(self._handle.value))

    def _lead(self, follower: "CancelToken") -> None:
        """Cancels another token together with this one, until _let_go()."""
        with _lock:
            self._followers.add(follower)
        if self.is_cancelled:
            follower.cancel()

    def _let_go(self, follower: "CancelToken") -> None:
        with _lock:
            self._followers.discard(follower)

    def __repr__(self) -> str:
        """Whether the token was cancelled, as text."""
        return f"<callgate.CancelToken, {'' if self.is_cancelled else 'not '}cancelled>"
