"""What hosts and clients tell of their connections."""

from typing import Any, Callable

from . import _abi, _failures, _log
from ._connection import Connection
from ._errors import Error
from ._handles import release, user_data

#: Is told of a connection that has begun.
Connected = Callable[[Connection], Any]
#: Is told of a connection that has ended, and why.
Disconnected = Callable[[Connection, Error], Any]


def on_connected(function: Any, owner: int, handler: Connected) -> None:
    """Adds a handler by that function of C."""
    _failures.check(function, owner, _connected, user_data.keep(handler), release)


def on_disconnected(function: Any, owner: int, handler: Disconnected) -> None:
    """Adds a handler by that function of C."""
    _failures.check(function, owner, _disconnected, user_data.keep(handler), release)


@_abi.Connected
def _connected(key: int, connection: int) -> None:
    try:
        user_data[key](Connection._borrowed(connection))
    except BaseException:
        _log.report("a handler of new connections")


@_abi.Disconnected
def _disconnected(key: int, connection: int, reason: int) -> None:
    try:
        user_data[key](Connection._borrowed(connection), _failures.read(reason))
    except BaseException:
        _log.report("a handler of ended connections")
