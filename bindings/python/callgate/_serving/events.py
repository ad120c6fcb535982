"""Handlers for connections that begin or end."""

from typing import Any, Callable

from .. import _log
from .._abi import structs
from .._abi.handles import release, user_data
from .._connection import Connection
from .._errors import failures
from .._exceptions import Error

#: Called with a connection that has begun.
Connected = Callable[[Connection], Any]
#: Called with a connection that has ended and the reason.
Disconnected = Callable[[Connection, Error], Any]


def on_connected(function: Any, owner: Any, handler: Connected) -> None:
    """Adds a handler to a host or client through a C function."""
    key = user_data.keep((handler, owner._context))
    failures.check(function, owner._handle.value, _connected, key, release)


def on_disconnected(function: Any, owner: Any, handler: Disconnected) -> None:
    """Adds a handler to a host or client through a C function."""
    key = user_data.keep((handler, owner._context))
    failures.check(function, owner._handle.value, _disconnected, key, release)


@structs.Connected
def _connected(key: int, connection: int) -> None:
    try:
        handler, context = user_data[key]
        context.tasks.wait(handler(Connection._borrowed(connection, context)))
    except BaseException:
        _log.report("a connected handler")


@structs.Disconnected
def _disconnected(key: int, connection: int, reason: int) -> None:
    try:
        handler, context = user_data[key]
        ended = Connection._borrowed(connection, context)
        context.tasks.wait(handler(ended, failures.read(reason)))
    except BaseException:
        _log.report("a disconnected handler")
