"""Withdrawing calls."""

import threading
from typing import Set

from .._abi import native
from .._abi.handles import Handle, Local
from .._errors import failures


class CancelTokenHandle(Handle):
    """Owns a cancel token's handle."""

    __slots__ = ()
    free = native.cancel_token_free


# Of all tokens: it is held for a moment only.
_lock = threading.Lock()


class CancelToken(Local):
    """Withdraws calls from another thread.

    Give it to calls, as `proxy.call("Work", cancel=token)`. When it is cancelled they raise
    Cancelled at once, and their methods learn of it. It may be given to any number of calls; it is
    cancelled for good.
    """

    _instead = "give each process one of its own"

    def __init__(self) -> None:
        """Makes one that is not cancelled."""
        self._handle = CancelTokenHandle(failures.make(native.cancel_token_new))
        self._followers: Set[CancelToken] = set()

    def cancel(self) -> None:
        """Withdraws all calls that have the token, now and later."""
        failures.check(native.cancel_token_cancel, self._handle.value)
        with _lock:
            followers, self._followers = self._followers, set()
        for follower in followers:
            follower.cancel()

    @property
    def is_cancelled(self) -> bool:
        """Whether it was cancelled."""
        return bool(native.cancel_token_is_cancelled(self._handle.value))

    def _lead(self, follower: "CancelToken") -> None:
        """Cancels another token with this one, until it is let go."""
        with _lock:
            self._followers.add(follower)
        if self.is_cancelled:
            follower.cancel()

    def _let_go(self, follower: "CancelToken") -> None:
        with _lock:
            self._followers.discard(follower)

    def __repr__(self) -> str:
        """Tells whether it was cancelled."""
        return f"<callgate.CancelToken, {'' if self.is_cancelled else 'not '}cancelled>"
