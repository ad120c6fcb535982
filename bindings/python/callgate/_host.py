"""Hosts."""

import collections.abc
import ctypes
import logging
from typing import TYPE_CHECKING, Any, Callable, Iterable, List, Mapping, Optional, Type, TypeVar

from ._abi import native
from ._abi.handles import release, user_data
from ._abi.owners import Owner
from ._closing import Closing
from ._connection import Connection
from ._contracts.arity import least_arguments
from ._contracts.interface import Interface, resolve, wire_name
from ._errors import failures
from ._exceptions import InvalidArgument
from ._limits import Limits, check_limits, set_owner_options
from ._serving import events
from ._serving.factories import DuplexFactory, Factory, PlainFactory, make_delegate, make_duplex
from ._serving.owner_context import OwnerContext
from ._timeouts import DEFAULT, Timeout, interruptible, milliseconds

if TYPE_CHECKING:
    import asyncio

_Connected = TypeVar("_Connected", bound=events.Connected)
_Disconnected = TypeVar("_Disconnected", bound=events.Disconnected)


class HostHandle(Owner):
    """Owns a host's handle."""

    __slots__ = ()
    free, close, wait = native.host_free, native.host_close, native.host_wait
    turn = 1


class Host(Closing):
    """Listens on endpoints and serves interfaces through Python objects.

    Make it, add what it serves, start it; it is a context manager, also of asyncio's, which closes
    it. The methods of an object are its public callables. They run on Callgate's threads, several
    at once when calls come at once; async methods run on an event loop. What they raise is carried
    to the caller; when they return a concurrent.futures.Future, its result is the answer.
    """

    _instead = "make one there, with an endpoint of its own"

    def __init__(
        self,
        *endpoints: str,
        limits: Optional[Limits] = None,
        log: Optional[logging.Logger] = None,
        exceptions: Optional[Mapping[str, Type[Exception]]] = None,
        loop: Optional["asyncio.AbstractEventLoop"] = None,
    ) -> None:
        """Makes a host, which does not listen yet.

        Args:
            *endpoints: "pipe://name", "unix:///path" or "tcp://host:port", where port 0 lets the
                system choose.
            limits: Its limits.
            log: Where its log goes.
            exceptions: Exception classes that travel as themselves, by the names that they have
                on the wire, as Client has it.
            loop: The event loop that async methods run on [one of Callgate's, in a thread of its
                own].
        """
        self._context = OwnerContext(exceptions, loop, log)
        options = native.OwnerOptions(struct_size=ctypes.sizeof(native.OwnerOptions))
        set_owner_options(options, check_limits(limits), log)
        self._handle = HostHandle(failures.make(native.host_new, options))
        for endpoint in endpoints:
            self.add_endpoint(endpoint)

    def add_endpoint(self, endpoint: str) -> None:
        """Adds an endpoint to listen on."""
        failures.check(native.host_add_endpoint, self._handle.value, native.endpoint_name(endpoint))

    def add(self, interface: Interface, served: Any, *, ordered: bool = False) -> None:
        """Serves an interface.

        Args:
            interface: Its name; or an annotated class or typing.Protocol that describes it, whose
                methods alone are served then, with arguments and results converted.
            served: The object that serves it, for all connections; or a class or other callable,
                which makes one for each connection, and is given the connection if it needs an
                argument; or a dict of functions by the methods' names.
            ordered: Whether the calls of each connection run one at a time, in the order in which
                they arrive. Those made within one that runs do not wait for it.
        """
        name, contract = resolve(interface)
        if contract is not None:
            contract.check_served(served)
        make = _maker(served)

        def factory(asked: str, connection: Connection) -> Any:
            return make(connection) if asked == name else None

        self._add_factory(factory, interface)
        if ordered:
            self._order(name)

    def add_factory(self, factory: Factory, *, ordered: Iterable[str] = ()) -> None:
        """Adds a factory, to be asked after those added before.

        Args:
            factory: Is given an interface's name and a connection, and returns the object that
                serves it there, or None when the interface is not its own. It is asked once for
                each connection and interface.
            ordered: Names of interfaces whose calls run one at a time, as add() has it.
        """
        if isinstance(ordered, str):
            raise InvalidArgument(f"ordered is a list of names: write [{ordered!r}]")
        self._add_factory(factory, None)
        for interface in ordered:
            self._order(interface)

    def _add_factory(self, factory: Factory, interface: Optional[Interface]) -> None:
        key = user_data.keep(PlainFactory(factory, interface, self._context))
        function = native.host_add_delegate_factory
        failures.check(function, self._handle.value, make_delegate, key, release)

    def add_duplex(
        self,
        interface: Interface,
        callback: Interface,
        make: Callable[..., Any],
        *,
        ordered: bool = False,
    ) -> None:
        """Serves an interface with an object for each connection that can call its client back.

        Args:
            interface: Its name, or the class that describes it. It has one duplex factory, which
                is asked before all others.
            callback: The name of the callback interface that the clients serve, or the class that
                describes it.
            make: A class or other callable, which is given a proxy of the callback interface, and
                the connection if it needs a second argument, and makes the object. The proxy may
                be called at once, in calls, and later, until the connection ends.
            ordered: Whether its calls run one at a time, as add() has it.
        """
        names = (wire_name(interface), wire_name(callback))
        key = user_data.keep(DuplexFactory(interface, callback, make, self._context))
        function = native.host_add_duplex_delegate_factory
        failures.check(function, self._handle.value, *names, make_duplex, key, release)
        if ordered:
            self._order(resolve(interface)[0])

    def _order(self, interface: str) -> None:
        function = native.host_add_ordered_interface
        failures.check(function, self._handle.value, native.name(interface))

    def add_alias(self, prefix: str, interface: str) -> None:
        """Lets interface names that begin so stand for an interface; the longest prefix wins."""
        names = (native.name(prefix), native.name(interface))
        failures.check(native.host_add_interface_alias, self._handle.value, *names)

    def on_client_connected(self, handler: _Connected) -> _Connected:
        """Adds a handler that is given each connection, before any of its calls is served."""
        events.on_connected(native.host_add_client_connected_handler, self, handler)
        return handler

    def on_client_disconnected(self, handler: _Disconnected) -> _Disconnected:
        """Adds a handler that is given each connection that has ended, and the Error of why."""
        events.on_disconnected(native.host_add_client_disconnected_handler, self, handler)
        return handler

    def start(self) -> None:
        """Begins to listen and to serve; when it returns, clients can connect."""
        failures.check(native.host_start, self._handle.value)

    @property
    def endpoints(self) -> List[str]:
        """Where it listens, with the ports that the system chose; empty before it is started."""
        handle = self._handle.value
        return [
            native.read_text(native.host_endpoint, handle, index)
            for index in range(native.host_endpoint_count(handle))
        ]

    @property
    def connections(self) -> List[Connection]:
        """The connections that are open now."""
        room = _connection_count(self._handle.value)
        while True:
            handles = (native.Handle * room)()
            count = _connection_count(self._handle.value, handles)
            connections = [Connection(handle, self._context) for handle in handles if handle]
            if count <= room:
                return connections
            room = count

    def wait(self, timeout: Timeout = None) -> None:
        """Waits until it is closed, by whichever thread.

        Args:
            timeout: How long [no limit].

        Raises:
            TimedOut: It is not.
        """
        interruptible(failures.check, native.host_wait, self._handle.value, milliseconds(timeout))

    def close(self, timeout: Timeout = DEFAULT) -> None:
        """Stops listening, ends every connection, and waits until nothing of this host runs.

        In a method that this host serves it begins and returns at once. Closing twice is fine.

        Args:
            timeout: How long methods that run may take [the drain timeout].

        Raises:
            TimedOut: Some still run.
        """
        interruptible(failures.check, native.host_close, self._handle.value, milliseconds(timeout))

    def __repr__(self) -> str:
        """Names its endpoints."""
        where = ", ".join(self.endpoints) or "no endpoint yet"
        return f"<callgate.Host of {where}>"


def _connection_count(host: int, handles: Any = None) -> int:
    """Fills an array with handles to a host's connections; returns how many of them there are."""
    room, count = len(handles or ()), ctypes.c_size_t()
    failures.check(native.host_connections, host, handles, room, ctypes.byref(count))
    return count.value


def _maker(served: Any) -> Callable[[Connection], Any]:
    if isinstance(served, collections.abc.Mapping) or not callable(served):
        return lambda connection: served
    if least_arguments(served) > 0:
        return served  # type: ignore[no-any-return]
    return lambda connection: served()
