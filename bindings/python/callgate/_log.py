"""Sends the log of a host or client to a Python logger."""

import contextlib
import ctypes
import logging
from typing import Union

from ._abi import native
from ._abi.handles import release, user_data
from ._exceptions import ContractMismatch

#: Receives what no logger of a host or client receives.
_own = logging.getLogger("callgate")

_LEVELS = {1: logging.ERROR, 2: logging.WARNING, 3: logging.INFO, 4: logging.DEBUG}


def send_to(logger: logging.Logger, options: native.OwnerOptions) -> None:
    """Sets the logger of the host or client that is created with these options."""
    options.log = _log
    options.log_user_data = user_data.keep(logger)
    options.log_user_data_free = release


@native.Log
def _log(key: int, level: int, message: int, length: int) -> None:
    try:
        logger: logging.Logger = user_data[key]
        level = _LEVELS.get(level, logging.INFO)
        if logger.isEnabledFor(level):
            logger.log(level, "%s", ctypes.string_at(message, length).decode("utf-8", "replace"))
    except BaseException:
        report("a log's filter or handler")


def report(what: str) -> None:
    """Logs the exception being handled, which nothing else reports."""
    # Logging itself may raise; nothing can report that.
    with contextlib.suppress(BaseException):
        _own.exception("%s raised", what)


def call_failed(interface: str, method: bytes, raised: BaseException) -> None:
    """Logs what a method raised, whose trace its caller does not get."""
    with contextlib.suppress(BaseException):
        if _own.isEnabledFor(logging.DEBUG) and not isinstance(raised, ContractMismatch):
            name, kind = _name(interface, method), type(raised)
            shown = (kind, raised, raised.__traceback__)
            _own.debug("call %s raised %s", name, kind.__name__, exc_info=shown)


def one_way_failed(interface: str, method: bytes, why: Union[str, BaseException]) -> None:
    """Logs that a one-way call failed, which its caller cannot notice."""
    name = _name(interface, method)
    words = "one-way call %s failed: %s"
    with contextlib.suppress(BaseException):
        if isinstance(why, (str, ContractMismatch)):
            _own.warning(words, name, why)
        else:
            shown = (type(why), why, why.__traceback__)
            _own.warning(words, name, type(why).__name__, exc_info=shown)


def one_way_cancelled(interface: str, method: bytes) -> None:
    """Logs that the program cancelled the task or future of a one-way call."""
    with contextlib.suppress(BaseException):
        _own.debug("one-way call %s was cancelled", _name(interface, method))


def _name(interface: str, method: bytes) -> str:
    # The names come from the peer.
    return f"{interface}.{method.decode('utf-8', 'replace')}".encode("unicode_escape").decode()
