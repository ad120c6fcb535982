"""Clients."""

import ctypes
import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Callable, Mapping, Optional, Tuple, Type, TypeVar, overload

from ._abi import native
from ._abi.handles import release
from ._abi.owners import Owner
from ._calling.options import Settings
from ._calling.pickling import ClientOptions, TravellingProxy, reduce
from ._calling.proxy import Proxy
from ._calling.proxy_handle import ProxyHandle
from ._calling.typed import make_proxy
from ._closing import Closing
from ._connection import Connection
from ._contracts.interface import Interface, resolve, wire_name
from ._errors import failures
from ._exceptions import InvalidArgument
from ._limits import Limits, check_limits, set_owner_options
from ._serving import events
from ._serving.delegate import Delegate, keep_delegate
from ._serving.initialisation import make_initialised
from ._serving.owner_context import OwnerContext
from ._timeouts import DEFAULT, Timeout, interruptible, milliseconds

if TYPE_CHECKING:
    import asyncio

_Interface = TypeVar("_Interface")


class ClientHandle(Owner):
    """Owns a client's handle."""

    __slots__ = ()
    free, close, wait = native.client_free, native.client_close, native.client_wait
    turn = 0


class Client(Closing):
    """Connects to one endpoint, and silently connects again when the connection is lost.

    Making one never waits for a host; calls wait for the connection. Any number of threads may use
    a client and its proxies. It is a context manager, also of asyncio's, which closes it.
    """

    _instead = "pickle its proxies, or make a callgate.Client of the same endpoint there"

    def __init__(
        self,
        endpoint: str,
        *,
        call_timeout: Timeout = DEFAULT,
        connection_timeout: Timeout = DEFAULT,
        limits: Optional[Limits] = None,
        log: Optional[logging.Logger] = None,
        callbacks: Optional[Mapping[Interface, Any]] = None,
        aliases: Optional[Mapping[str, str]] = None,
        exceptions: Optional[Mapping[str, Type[Exception]]] = None,
        loop: Optional["asyncio.AbstractEventLoop"] = None,
        host_user: Optional[int] = None,
        on_connected: Optional[events.Connected] = None,
        on_reconnected: Optional[events.Connected] = None,
        on_disconnected: Optional[events.Disconnected] = None,
    ) -> None:
        """Makes a client, and lets it connect in the background.

        Args:
            endpoint: "pipe://name", "unix:///path" or "tcp://host:port".
            call_timeout: How long a call takes at most, all waiting included [30 s].
            connection_timeout: How long a call waits for a connection [6 s].
            limits: Other limits.
            log: Where the client's log goes.
            callbacks: Objects that serve interfaces to the host, by the interfaces' names, or by
                the classes that describe them.
            aliases: Interfaces that are meant by names of callback interfaces that begin so, by
                these prefixes; the longest wins.
            exceptions: Exception classes that travel as themselves, by the names that they have
                on the wire. A remote error of such a name is raised as that class, made of the
                message, or by its class method `from_remote` of the RemoteError, which is its
                __cause__; a callback's exception of such a class, or one derived from it, is sent
                under that name, with its attribute `data`.
            loop: The event loop that async methods of callbacks run on [one of Callgate's, in a
                thread of its own].
            host_user: The uid that the host must run as; another host gives AccessDenied.
            on_connected: Is given the first connection, on the client's thread; it may wait.
            on_reconnected: Is given each further connection, likewise.
            on_disconnected: Is given each connection that has ended, and the Error of why.
        """
        self._context = OwnerContext(exceptions, loop, log)
        handlers = (on_connected, on_reconnected, on_disconnected)
        kept = {"callbacks": callbacks, "a loop": loop, "handlers": any(handlers) or None}
        #: What keeps its proxies from being pickled.
        self._stays = " and ".join(name for name, given in kept.items() if given is not None)
        limits = check_limits(limits)
        if call_timeout is not DEFAULT:
            limits = replace(limits, call_timeout=call_timeout)
        if connection_timeout is not DEFAULT:
            limits = replace(limits, connection_timeout=connection_timeout)
        self._endpoint = endpoint
        known = tuple((exceptions or {}).items())
        self._travelling = ClientOptions(endpoint, limits, known, host_user, log)
        options = native.ClientOptions(struct_size=ctypes.sizeof(native.ClientOptions))
        if host_user is not None:
            if not isinstance(host_user, int) or not 0 <= host_user < 1 << 32:
                raise InvalidArgument(f"host_user is a uid, not {host_user!r}")
            options.demand_host_user, options.host_user = 1, host_user
        set_owner_options(options, limits, log)
        self._handle = ClientHandle(
            failures.make(native.client_new, native.endpoint_name(endpoint), options)
        )
        for interface, served in (callbacks or {}).items():
            self._serve(interface, served)
        for prefix, interface in (aliases or {}).items():
            names = (native.name(prefix), native.name(interface))
            failures.check(native.client_add_interface_alias, self._handle.value, *names)
        if on_connected is not None:
            events.on_connected(native.client_add_connected_handler, self, on_connected)
        if on_reconnected is not None:
            events.on_connected(native.client_add_reconnected_handler, self, on_reconnected)
        if on_disconnected is not None:
            events.on_disconnected(native.client_add_disconnected_handler, self, on_disconnected)
        failures.check(native.client_start, self._handle.value)

    def _serve(self, interface: Interface, served: Any) -> None:
        key = keep_delegate(Delegate(served, interface, self._context))
        add, name = native.client_add_callback_handler, wire_name(interface)
        failures.check(add, self._handle.value, name, native.fast_invoke, key, release)

    @property
    def endpoint(self) -> str:
        """Where it connects to."""
        return self._endpoint

    @overload
    def proxy(
        self,
        interface: str,
        initialise: Optional[Callable[[Proxy], Any]] = None,
        *,
        faulted: Optional[Type[BaseException]] = None,
    ) -> Proxy: ...

    @overload
    def proxy(
        self,
        interface: Callable[..., _Interface],
        initialise: Optional[Callable[[_Interface], Any]] = None,
        *,
        faulted: Optional[Type[BaseException]] = None,
    ) -> _Interface: ...

    def proxy(
        self,
        interface: Any,
        initialise: Optional[Callable[[Any], Any]] = None,
        *,
        faulted: Optional[Type[BaseException]] = None,
    ) -> Any:
        """A proxy of an interface of the host, which outlives reconnects.

        Asks the host nothing: an interface that it does not serve is told by the first call.

        Args:
            interface: Its name; or an annotated class or typing.Protocol that describes it, whose
                methods the proxy then has: arguments that do not fit are refused before anything
                is sent, and results are converted.
            initialise: Is given the proxy before its first call on each new connection, and as
                soon as the client is connected again. Calls wait for it, but for those that it
                makes itself. Those that wait while it raises get InitialisationFailed, with that
                as the cause, and it is tried again after growing pauses.
            faulted: An exception that its calls raise in place of ChannelFaulted, and of TimedOut
                and Closed, which derive from it: made of the message, and with the original as
                its __cause__.
        """
        return make_proxy(self._proxy_handle(interface, initialise, faulted))

    def _proxy_handle(
        self,
        interface: Interface,
        initialise: Optional[Callable[[Any], Any]],
        faulted: Optional[Type[BaseException]],
    ) -> ProxyHandle:
        if initialise is None:
            made = failures.make(native.proxy_new, self._handle.value, wire_name(interface))
        else:
            made = make_initialised(self, interface, initialise, faulted)
        return ProxyHandle(made, self, interface, faulted, initialise)

    def _travel(
        self, handle: ProxyHandle, settings: Optional[Settings], method: Optional[str]
    ) -> Tuple[Any, ...]:
        """What pickle makes a proxy of this client of."""
        if self._stays:
            raise TypeError(
                f"a proxy of {resolve(handle.interface)[0]} cannot be pickled: its client has "
                f"{self._stays}, which belong to this process; make a callgate.Client of "
                f"{self._endpoint!r} there"
            )
        travelling = TravellingProxy(
            Client, self._travelling, handle.interface, handle.initialise, handle.faulted, settings
        )
        return reduce(travelling, method)

    def wait_connected(self, timeout: Timeout = DEFAULT) -> None:
        """Waits until it is connected.

        Args:
            timeout: How long [the connection timeout].

        Raises:
            ChannelFaulted: It is not connected in time, or will never be; with the last cause.
        """
        wait = native.client_wait_connected
        interruptible(failures.check, wait, self._handle.value, milliseconds(timeout))

    @property
    def connection(self) -> Connection:
        """The connection that it has now.

        Raises:
            ChannelFaulted: It has none.
        """
        return Connection(
            failures.make(native.client_connection, self._handle.value), self._context
        )

    def flush(self, timeout: Timeout = DEFAULT) -> None:
        """Waits until the one-way calls made by now have been handed to the operating system.

        Those whose connection was lost before are gone.

        Args:
            timeout: How long [the drain timeout].

        Raises:
            ChannelFaulted: The connection is lost meanwhile, or the time is over.
        """
        interruptible(
            failures.check, native.client_flush, self._handle.value, milliseconds(timeout)
        )

    def close(self, timeout: Timeout = DEFAULT) -> None:
        """Sends what is queued, ends the connection for good, and waits until nothing runs.

        Calls that wait raise Closed. Closing twice is fine.
        """
        interruptible(
            failures.check, native.client_close, self._handle.value, milliseconds(timeout)
        )

    def __repr__(self) -> str:
        """Names its endpoint."""
        return f"<callgate.Client of {self._endpoint}>"
