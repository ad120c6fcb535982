"""Timeouts, and waits that Ctrl-C interrupts."""

import enum
import threading
from typing import Any, Callable, List, Union

from ._exceptions import InvalidArgument


class Default(enum.Enum):
    """The type of DEFAULT."""

    DEFAULT = "the default"


#: The default timeout, which each function documents in brackets.
DEFAULT = Default.DEFAULT

#: A number of seconds, None for no limit, or DEFAULT.
Timeout = Union[float, None, Default]

_NONE = -1
#: CALLGATE_TIMEOUT_NOW.
NOW = -2
_LONGEST = (1 << 63) - 1

# The longest time that Ctrl-C takes effect after.
_SLICE = 0.1


def milliseconds(timeout: Timeout) -> int:
    """A timeout as C represents it."""
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
    """Calls a function that may wait, so that Ctrl-C interrupts the wait.

    Python handles signals on the main thread, between bytecode instructions, so not while that
    thread is in C. The function therefore runs on another thread.
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
