"""Sends the log of a host or client to a Python logger.

Each record has what it is about in attributes too, for formatters and filters: `callgate_target`,
`callgate_connection`, `callgate_endpoint`, `callgate_peer_user`, `callgate_peer_pid`,
`callgate_interface`, `callgate_method`, `callgate_status` and `callgate_count`. What does not apply
is None.
"""

import builtins
import contextlib
import ctypes
import logging
import re
import threading
import time
import traceback
from typing import Any, Dict, Optional, Union

from ._abi import structs
from ._abi.handles import release, user_data
from ._exceptions import ContractMismatch
from ._frames import of_program

#: Receives what no logger of a host or client receives.
_own = logging.getLogger("callgate")

_LEVELS = {1: logging.ERROR, 2: logging.WARNING, 3: logging.INFO, 4: logging.DEBUG}


#: How many failures of one kind are logged in a second; the others are counted.
_LINES = 10

#: What could end a line, control a terminal or reverse the direction of text, as in the core.
_CONTROL = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)

#: The base of exception groups, which Python has from 3.11 on.
_GROUP = getattr(builtins, "BaseExceptionGroup", ())

#: The most characters that are shown of an exception's text.
_SHOWN = 4096


def _fields(
    target: str = "callgate::connection",
    *,
    connection: Optional[int] = None,
    endpoint: Optional[str] = None,
    peer_user: Optional[str] = None,
    peer_pid: Optional[int] = None,
    interface: Optional[str] = None,
    method: Optional[str] = None,
    status: Optional[int] = None,
    count: Optional[int] = None,
) -> Dict[str, Any]:
    """The attributes of a record, all of them, so that a format may name each."""
    return {f"callgate_{name}": value for name, value in locals().items()}


def _plain(text: str) -> str:
    """Text that a peer may have sent: on one line, and cut if it is long."""
    shown = _CONTROL.sub(lambda it: it.group().encode("unicode_escape").decode(), text[:_SHOWN])
    return shown if len(text) <= _SHOWN else f"{shown}... ({len(text) - _SHOWN} characters more)"


class _PlainTexts(logging.Filter):
    """Formats exceptions with their texts on one line each."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.exc_info and record.exc_info[1] is not None and not record.exc_text:
            record.exc_text = _traceback(record.exc_info[1])
        return True


_own.addFilter(_PlainTexts())


def _traceback(raised: BaseException) -> str:
    shown, seen = [], set()
    current: Optional[BaseException] = raised
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        places = "".join(traceback.format_tb(of_program(current.__traceback__)))
        text = "".join(traceback.format_exception_only(type(current), current))
        shown.append(f"Traceback (most recent call last):\n{places}{_plain(text.rstrip())}")
        if isinstance(current, _GROUP):
            shown.extend(_traceback(member) for member in getattr(current, "exceptions", ()))
        context = None if current.__suppress_context__ else current.__context__
        current = current.__cause__ or context
    return "\n\nThis led to the following exception:\n\n".join(reversed(shown))


class _Throttle:
    """Lets a few lines of one kind pass in each second, and counts the others."""

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._lock = threading.Lock()
        self._begun = float("-inf")
        self._logged = self._left_out = 0

    def passes(self) -> bool:
        """Whether to log a line; if so, logs the number of lines left out before it."""
        with self._lock:
            now = time.monotonic()
            if now - self._begun >= 1:
                self._begun, self._logged = now, 0
            if self._logged == _LINES:
                self._left_out += 1
                return False
            self._logged += 1
            left_out, self._left_out = self._left_out, 0
        if left_out:
            words = "%s more %s were not logged"
            _own.warning(words, left_out, self._kind, extra=_fields(count=left_out))
        return True


_one_way_failures = _Throttle("failed one-way calls")
_handler_failures = _Throttle("failed handlers")


def send_to(logger: logging.Logger, options: structs.OwnerOptions) -> None:
    """Sets the logger of the host or client that is created with these options."""
    options.log = _log
    options.log_user_data = user_data.keep(logger)
    options.log_user_data_free = release


@structs.Log
def _log(key: int, pointer: Any) -> None:
    try:
        logger: logging.Logger = user_data[key]
        event = pointer.contents
        level = _LEVELS.get(event.level, logging.INFO)
        if logger.isEnabledFor(level):
            message = ctypes.string_at(event.message, event.message_length)
            logger.log(level, "%s", message.decode("utf-8", "replace"), extra=_fields_of(event))
    except BaseException:
        report("a log's filter or handler")


def _fields_of(event: structs.LogEvent) -> Dict[str, Any]:
    def text(field: bytes) -> Optional[str]:
        return field.decode("utf-8", "replace") or None

    return _fields(
        event.target.decode(),
        connection=event.connection or None,
        endpoint=text(event.endpoint),
        peer_user=text(event.peer_user),
        peer_pid=event.peer_pid if event.peer_pid >= 0 else None,
        interface=text(event.interface_name),
        method=text(event.method),
        status=event.status or None,
        count=event.count or None,
    )


def _call_fields(interface: str, method: bytes) -> Dict[str, Any]:
    shown = _plain(method.decode("utf-8", "replace"))
    return _fields(interface=_plain(interface), method=shown)


def report(what: str) -> None:
    """Logs the exception being handled, which nothing else reports; a few a second."""
    # Logging itself may raise; nothing can report that.
    with contextlib.suppress(BaseException):
        if _handler_failures.passes():
            _own.exception("%s raised", what, extra=_fields())


def call_failed(interface: str, method: bytes, raised: BaseException) -> None:
    """Logs what a method raised, whose trace its caller does not get."""
    with contextlib.suppress(BaseException):
        if _own.isEnabledFor(logging.DEBUG) and not isinstance(raised, ContractMismatch):
            name, kind = _name(interface, method), type(raised)
            shown, extra = (kind, raised, raised.__traceback__), _call_fields(interface, method)
            _own.debug("call %s raised %s", name, kind.__name__, exc_info=shown, extra=extra)


def one_way_failed(interface: str, method: bytes, why: Union[str, BaseException]) -> None:
    """Logs that a one-way call failed, which its caller cannot notice; a few a second."""
    with contextlib.suppress(BaseException):
        if not _one_way_failures.passes():
            return
        name = _name(interface, method)
        words, extra = "one-way call %s failed: %s", _call_fields(interface, method)
        if isinstance(why, (str, ContractMismatch)):
            _own.warning(words, name, _plain(str(why)), extra=extra)
        else:
            shown = (type(why), why, why.__traceback__)
            _own.warning(words, name, type(why).__name__, exc_info=shown, extra=extra)


def one_way_cancelled(interface: str, method: bytes) -> None:
    """Logs that the program cancelled the task or future of a one-way call."""
    with contextlib.suppress(BaseException):
        name, extra = _name(interface, method), _call_fields(interface, method)
        _own.debug("one-way call %s was cancelled", name, extra=extra)


def _name(interface: str, method: bytes) -> str:
    # The names come from the peer.
    return _plain(f"{interface}.{method.decode('utf-8', 'replace')}")
