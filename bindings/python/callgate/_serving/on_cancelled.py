"""Functions that run when the caller of an inbound call stops waiting."""

from threading import get_ident
from typing import Any, Callable

from .. import _log
from .._abi import native, structs
from .._abi.handles import release, user_data
from .._abi.threads import keep_state, with_state
from .._errors import failures

_NO_RELEASE = structs.Free()


def on_cancelled(handle: int, function: Callable[[], Any]) -> None:
    """Runs a function on a Callgate thread when the caller of a call stops waiting.

    Raises:
        Error: The call has its reply, or no thread can be started to watch its deadline.
    """
    key = user_data.keep(function)
    failures.check(native.call_on_cancelled, handle, _cancelled, key, release, None)


def on_cancelled_until_dropped(handle: int, function: Callable[[], Any]) -> int:
    """Like on_cancelled(), until user_data drops the returned key; saves C the release callback."""
    key = user_data.keep(function)
    try:
        failures.check(native.call_on_cancelled, handle, _cancelled, key, _NO_RELEASE, None)
    except BaseException:
        user_data.drop(key)
        raise
    return key


@structs.Cancelled
def _cancelled(key: int) -> None:
    # The thread may be one of the program, whose state must not be kept.
    if get_ident() not in with_state:
        keep_state()
    function = user_data.get(key)
    if function is None:
        return
    try:
        function()
    except BaseException:
        # No exception may leave a callback.
        _log.report("a function registered with on_cancelled()")
