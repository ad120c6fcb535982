"""Hosts."""

import collections.abc
import ctypes
import logging
from typing import TYPE_CHECKING, Any, Callable, Iterable, List, Mapping, Optional, Type, TypeVar

from . import _counters
from ._abi import native, structs
from ._abi.handles import release, user_data
from ._abi.owners import Owner
from ._closing import Closing
from ._connection import Connection
from ._contracts.arity import least_arguments
from ._contracts.interface import Interface, resolve, wire_name
from ._counters import Counters
from ._descriptions.document import document
from ._errors import failures
from ._exceptions import InvalidArgument
from ._limits import Limits, check_limits, set_owner_options
from ._serving import events
from ._serving.factories import DuplexFactory, Factory, PlainFactory, make_delegate, make_duplex
from ._serving.owner_context import OwnerContext
from ._timeouts import DEFAULT, Timeout, interruptible, milliseconds
from ._trace import Trace, trace_pointer

if TYPE_CHECKING:
    import asyncio

_Connected = TypeVar("_Connected", bound=events.Connected)
_Disconnected = TypeVar("_Disconnected", bound=events.Disconnected)


class HostHandle(Owner):
    """Owns the handle of a host."""

    __slots__ = ()
    free, close, wait = native.host_free, native.host_close, native.host_wait
    turn = 1


class Host(Closing):
    """Listens on endpoints and serves interfaces through Python objects.

    Create it, add what it serves, start it; `with` and `async with` close it. The methods of an
    object are its public callables. They run on Callgate's threads, several at once for concurrent
    calls; async methods run on an event loop. The caller gets the exceptions that they raise. If a
    method returns a concurrent.futures.Future, the caller gets its result.
    """

    _instead = "create one there, with an endpoint of its own"

    def __init__(
        self,
        *endpoints: str,
        limits: Optional[Limits] = None,
        log: Optional[logging.Logger] = None,
        exceptions: Optional[Mapping[str, Type[Exception]]] = None,
        loop: Optional["asyncio.AbstractEventLoop"] = None,
        remote_traces: bool = False,
        described: bool = True,
        trace: Optional[Trace] = None,
    ) -> None:
        """Creates a host, which does not listen yet.

        Args:
            *endpoints: "pipe://name", "unix:///path", "tcp://host:port" or
                "tls://host:port?certificate=FILE&key=FILE&trust=FILE", where port 0 lets the system
                choose. TCP is limited to loopback addresses, since it has neither
                authentication nor encryption; "tcp://0.0.0.0:4000?insecure=1" accepts calls from
                everywhere all the same.
            limits: The host's limits.
            log: The logger that receives the host's log.
            exceptions: Exception classes by their names on the wire; see Client.
            loop: The event loop that runs async methods [one that Callgate runs on a thread of its
                own].
            remote_traces: Whether callers get the tracebacks of exceptions, with the paths of the
                host's files.
            described: Whether clients can ask what the host serves, and compare the descriptions of
                annotated interfaces with their own before they call; see callgate.describe().
            trace: What to record of what passes on the connections; the file is created by
                start().
        """
        self._context = OwnerContext(exceptions, loop, log, remote_traces)
        options = structs.HostOptions(struct_size=ctypes.sizeof(structs.HostOptions))
        options.no_host_interface = not described
        # Kept here: a field of a derived Structure may lose what its pointer refers to.
        recorded = trace_pointer(trace)
        options.trace = recorded
        set_owner_options(options, check_limits(limits), log)
        self._handle = HostHandle(failures.make(native.host_new, options))
        for endpoint in endpoints:
            self.add_endpoint(endpoint)

    def add_endpoint(self, endpoint: str) -> None:
        """Adds an endpoint to listen on.

        Pipes and paths are accessible to the user who runs the host, and to root, unless the
        endpoint says otherwise: "unix:///path?access=everyone",
        "pipe://name?scope=system&access=everyone" (which only root can offer), or
        access=group:NAME for the members of a group.
        """
        failures.check(native.host_add_endpoint, self._handle.value, native.endpoint_name(endpoint))

    def add(self, interface: Interface, served: Any, *, ordered: bool = False) -> None:
        """Serves an interface.

        Args:
            interface: The interface's name; or the annotated class or typing.Protocol that
                describes it. Then only its methods are served, and arguments and results are
                converted.
            served: The object that serves all connections; or a class or other callable that
                creates an object for each connection, and is passed the connection if it needs an
                argument; or a dict of functions by method name.
            ordered: Whether the calls of each connection run one at a time, in order of arrival.
                Calls nested in a running one do not wait for it.
        """
        name, contract = resolve(interface)
        if contract is not None:
            contract.check_served(served)
        make = _maker(served)

        def factory(asked: str, connection: Connection) -> Any:
            return make(connection) if asked == name else None

        self._add_factory(factory, interface)
        self._describe(interface)
        if ordered:
            self._order(name)

    def add_delegate_factory(self, factory: Factory, *, ordered: Iterable[str] = ()) -> None:
        """Adds a delegate factory, which is asked after those added before it.

        Args:
            factory: Called with an interface's name and a connection; returns the object that
                serves the interface on that connection, or None to leave it to the next factory.
                It is asked at most once per connection and interface. If it raises, the caller
                gets the exception, and the next call asks it again.
            ordered: Names of interfaces whose calls run one at a time; see add().
        """
        if isinstance(ordered, str):
            raise InvalidArgument(f"ordered must be a list of names: write [{ordered!r}]")
        self._add_factory(factory, None)
        for interface in ordered:
            self._order(interface)

    def _add_factory(self, factory: Factory, interface: Optional[Interface]) -> None:
        key = user_data.keep(PlainFactory(factory, interface, self._context))
        function = native.host_add_delegate_factory
        failures.check(function, self._handle.value, make_delegate, key, release)

    def add_duplex_delegate_factory(
        self,
        interface: Interface,
        callback: Interface,
        make: Callable[..., Any],
        *,
        ordered: bool = False,
    ) -> None:
        """Serves an interface with an object per connection that can call the client back.

        Args:
            interface: The interface's name, or the class that describes it. It can have one duplex
                factory, which takes precedence over all plain factories.
            callback: The name of the callback interface that the clients serve, or the class that
                describes it.
            make: A class or other callable that creates the object. It is called with a proxy of
                the callback interface, and with the connection if it needs a second argument. The
                proxy can be called at once, from any thread, until the connection ends.
            ordered: Whether the calls of each connection run one at a time; see add().
        """
        names = (wire_name(interface), wire_name(callback))
        key = user_data.keep(DuplexFactory(interface, callback, make, self._context))
        function = native.host_add_duplex_delegate_factory
        failures.check(function, self._handle.value, *names, make_duplex, key, release)
        self._describe(interface, callback)
        if ordered:
            self._order(resolve(interface)[0])

    def _describe(self, interface: Interface, callback: Interface = "") -> None:
        """Declares an interface that the host serves; describes it if a class does."""
        name, contract = resolve(interface)
        if contract is None:
            add = native.host_add_interface_name
            failures.check(add, self._handle.value, native.name(name))
            return
        text = document(contract, resolve(callback)[1])
        failures.check(native.host_add_description, self._handle.value, text, len(text))

    def _order(self, interface: str) -> None:
        function = native.host_add_ordered_interface
        failures.check(function, self._handle.value, native.name(interface))

    def add_interface_alias(self, prefix: str, interface: str) -> None:
        """Makes every interface name that begins with `prefix` an alias of the interface.

        The longest matching prefix wins.
        """
        names = (native.name(prefix), native.name(interface))
        failures.check(native.host_add_interface_alias, self._handle.value, *names)

    def on_client_connected(self, handler: _Connected) -> _Connected:
        """Adds a handler that is called with each new connection, before its first call runs."""
        events.on_connected(native.host_add_client_connected_handler, self, handler)
        return handler

    def on_client_disconnected(self, handler: _Disconnected) -> _Disconnected:
        """Adds a handler that is called with each ended connection and the reason, an Error."""
        events.on_disconnected(native.host_add_client_disconnected_handler, self, handler)
        return handler

    def start(self) -> None:
        """Starts to listen and serve. When it returns, clients can connect.

        A host can be started once.
        """
        failures.check(native.host_start, self._handle.value)

    @property
    def endpoints(self) -> List[str]:
        """The endpoints, with the ports that the system chose; empty before start()."""
        handle = self._handle.value
        return [
            native.read_text(native.host_endpoint, handle, index)
            for index in range(native.host_endpoint_count(handle))
        ]

    @property
    def connections(self) -> List[Connection]:
        """The host's open connections."""
        room = _connection_count(self._handle.value)
        while True:
            handles = (structs.Handle * room)()
            count = _connection_count(self._handle.value, handles)
            connections = [Connection(handle, self._context) for handle in handles if handle]
            if count <= room:
                return connections
            room = count

    def counters(self) -> Counters:
        """What the host has counted since it was started."""
        return _counters.read(native.host_counter_values, self._handle.value)

    def open_metrics(self) -> str:
        """The same as OpenMetrics text, which Prometheus and others read.

        Its type is application/openmetrics-text; version=1.0.0.
        """
        return _counters.read_text(native.host_counters, self._handle.value)

    def wait(self, timeout: Timeout = None) -> None:
        """Waits until the host is closed, by whichever thread.

        Args:
            timeout: How long to wait [no limit].

        Raises:
            TimedOut: The host is not closed by then.
        """
        interruptible(failures.check, native.host_wait, self._handle.value, milliseconds(timeout))

    def close(self, timeout: Timeout = DEFAULT) -> None:
        """Stops listening, ends every connection, and waits for running methods.

        Once it has returned, no method or handler of this host runs or will run. In a method or
        handler of this host, closing begins and returns at once; wait() waits for its end. Closing
        twice does no harm.

        Args:
            timeout: How long running methods may take [drain_timeout].

        Raises:
            TimedOut: Methods still run; closing continues in the background.
        """
        interruptible(failures.check, native.host_close, self._handle.value, milliseconds(timeout))

    def __repr__(self) -> str:
        """The host by its endpoints."""
        where = ", ".join(self.endpoints) or "no endpoint yet"
        return f"<callgate.Host of {where}>"


def _connection_count(host: int, handles: Any = None) -> int:
    """Fills an array with handles to a host's connections; returns the number of connections."""
    room, count = len(handles or ()), ctypes.c_size_t()
    failures.check(native.host_connections, host, handles, room, ctypes.byref(count))
    return count.value


def _maker(served: Any) -> Callable[[Connection], Any]:
    if isinstance(served, collections.abc.Mapping) or not callable(served):
        return lambda connection: served
    if least_arguments(served) > 0:
        return served  # type: ignore[no-any-return]
    return lambda connection: served()
