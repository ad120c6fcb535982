"""Withdrawing calls."""

from . import _abi, _failures
from ._handles import Handle


class CancelTokenHandle(Handle):
    """Owns a cancel token's handle."""

    __slots__ = ()
    free = _abi.cancel_token_free


class CancelToken:
    """Withdraws calls from another thread.

    Give it to calls, as `proxy.call("Work", cancel=token)`. When it is cancelled they raise
    Cancelled at once, and their methods learn of it. It may be given to any number of calls; it is
    cancelled for good.
    """

    def __init__(self) -> None:
        """Makes one that is not cancelled."""
        self._handle = CancelTokenHandle(_failures.make(_abi.cancel_token_new))

    def cancel(self) -> None:
        """Withdraws all calls that have the token, now and later."""
        _failures.check(_abi.cancel_token_cancel, self._handle.value)

    @property
    def is_cancelled(self) -> bool:
        """Whether it was cancelled."""
        return bool(_abi.cancel_token_is_cancelled(self._handle.value))

    def __repr__(self) -> str:
        """Tells whether it was cancelled."""
        return f"<callgate.CancelToken, {'' if self.is_cancelled else 'not '}cancelled>"
