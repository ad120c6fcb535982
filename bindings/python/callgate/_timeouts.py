"""Timeouts, and waiting that Ctrl-C ends."""

import enum
import threading
from typing import Any, Callable, List, Union

from ._exceptions import InvalidArgument


class Default(enum.Enum):
    """The type of DEFAULT."""

    DEFAULT = "the default"


#: The default timeout of whatever it is given to.
DEFAULT = Default.DEFAULT

#: Seconds; None for no limit; DEFAULT.
Timeout = Union[float, None, Default]

_NONE = -1
#: What C calls not waiting at all.
NOW = -2
_LONGEST = (1 << 63) - 1

# How long Ctrl-C may have to wait.
_SLICE = 0.1


def milliseconds(timeout: Timeout) -> int:
    """What C calls this timeout."""
    if timeout is DEFAULT:
        return 0
    if timeout is None:
        return _NONE
    if isinstance(timeout, bool) or not isinstance(timeout, (int, float)):
        raise InvalidArgument(f"a timeout is a number of seconds, None or DEFAULT, not {timeout!r}")
    if timeout == 0:
        return NOW
    if not timeout > 0:
        raise InvalidArgument(f"a timeout must not be negative, but is {timeout}")
    return max(1, int(min(timeout * 1000, _LONGEST)))


def interruptible(function: Callable[..., Any], *arguments: Any) -> Any:
    """Calls a function that may wait, so that Ctrl-C ends the wait.

    Python handles signals in the main thread, between its instructions: while that thread is in C
    it would wait. So another one goes there.
    """
    if threading.current_thread() is not threading.main_thread():
        return function(*arguments)
    results: List[Any] = []
    errors: List[BaseException] = []

    def wait() -> None:
        try:
            results.append(function(*arguments))
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=wait, name="callgate-wait", daemon=True)
    thread.start()
    while thread.is_alive():
        thread.join(_SLICE)
    if errors:
        raise errors.pop()
    return results.pop()
