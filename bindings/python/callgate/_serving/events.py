"""What hosts and clients tell of their connections."""

from typing import Any, Callable

from .. import _log
from .._abi import native
from .._abi.handles import release, user_data
from .._connection import Connection
from .._errors import failures
from .._exceptions import Error

#: Is told of a connection that has begun.
Connected = Callable[[Connection], Any]
#: Is told of a connection that has ended, and why.
Disconnected = Callable[[Connection, Error], Any]


def on_connected(function: Any, owner: Any, handler: Connected) -> None:
    """Adds a handler to a host or client by that function of C."""
    key = user_data.keep((handler, owner._context))
    failures.check(function, owner._handle.value, _connected, key, release)


def on_disconnected(function: Any, owner: Any, handler: Disconnected) -> None:
    """Adds a handler to a host or client by that function of C."""
    key = user_data.keep((handler, owner._context))
    failures.check(function, owner._handle.value, _disconnected, key, release)


@native.Connected
def _connected(key: int, connection: int) -> None:
    try:
        handler, context = user_data[key]
        context.tasks.wait(handler(Connection._borrowed(connection, context)))
    except BaseException:
        _log.report("a handler of new connections")


@native.Disconnected
def _disconnected(key: int, connection: int, reason: int) -> None:
    try:
        handler, context = user_data[key]
        ended = Connection._borrowed(connection, context)
        context.tasks.wait(handler(ended, failures.read(reason)))
    except BaseException:
        _log.report("a handler of ended connections")
