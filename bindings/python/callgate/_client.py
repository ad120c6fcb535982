"""Clients."""

import ctypes
import logging
from dataclasses import replace
from typing import (
    TYPE_CHECKING,
    Any,
    Callable,
    Mapping,
    Optional,
    Tuple,
    Type,
    TypeVar,
    Union,
    overload,
)

from . import _counters
from ._abi import native, structs
from ._abi.handles import release
from ._abi.owners import Owner
from ._calling.options import Settings
from ._calling.pickling import ClientOptions, TravellingProxy, reduce
from ._calling.proxy import Proxy
from ._calling.proxy_handle import ProxyHandle
from ._calling.typed import make_proxy
from ._calling.verify import Verify, check_verify
from ._closing import Closing
from ._connection import Connection
from ._contracts.interface import Interface, resolve, wire_name
from ._counters import Counters
from ._descriptions.document import document
from ._errors import failures
from ._exceptions import InvalidArgument
from ._limits import Limits, check_limits, set_owner_options
from ._serving import events
from ._serving.delegate import Delegate, keep_delegate
from ._serving.initialisation import make_initialised
from ._serving.owner_context import OwnerContext
from ._timeouts import DEFAULT, Timeout, interruptible, milliseconds
from ._trace import Trace, trace_pointer

if TYPE_CHECKING:
    import asyncio

_Interface = TypeVar("_Interface")


class ClientHandle(Owner):
    """Owns the handle of a client."""

    __slots__ = ()
    free, close, wait = native.client_free, native.client_close, native.client_wait
    turn = 0


class Client(Closing):
    """Connects to one endpoint and, for its whole life, silently reconnects.

    Creating a client never waits for a host; calls wait for the connection. Any number of threads
    may use a client and its proxies. `with` and `async with` close it.
    """

    _instead = "pickle its proxies, or create a callgate.Client of the same endpoint there"

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
        host_user: Union[int, str, None] = None,
        shuffle_endpoints: bool = False,
        remote_traces: bool = False,
        described: bool = True,
        verify: Verify = Verify.AT_FIRST_CALL,
        trace: Optional[Trace] = None,
        on_connected: Optional[events.Connected] = None,
        on_reconnected: Optional[events.Connected] = None,
        on_disconnected: Optional[events.Disconnected] = None,
    ) -> None:
        """Creates a client, which connects in the background.

        Args:
            endpoint: "pipe://name", "unix:///path", "tcp://host:port" or "tls://host:port"; or up
                to 64 of them, separated by commas, of hosts that can stand in for one another. The
                client stays with a host until the connection ends, then connects to the same
                endpoint again, and if that fails, at once to the next one. A call that may have run
                is not made again.
            call_timeout: How long a call may take, all waiting included [30 s].
            connection_timeout: How long a call waits for a connection [6 s].
            limits: Other limits.
            log: The logger that receives the client's log.
            callbacks: Objects that serve callback interfaces to the host, by the interface's name
                or by the class that describes it.
            aliases: Interfaces by prefix: every name of a callback interface that begins with the
                prefix is an alias of the interface. The longest matching prefix wins.
            exceptions: Exception classes by their names on the wire. A remote error with such a
                name is raised as that class, created from the message, or by its class method
                `from_remote` from the RemoteError, which is its __cause__. A callback's exception
                of such a class, or of a subclass, is sent under that name with its attribute
                `data`.
            loop: The event loop that runs async methods of callbacks [one that Callgate runs on a
                thread of its own].
            host_user: The user that the host must run as: a uid or a name on Unix, a SID or a name
                on Windows. A host that runs as another user, root included, fails calls with
                AccessDenied. Not for TCP.
            shuffle_endpoints: Whether it tries several endpoints in a random order, which is chosen
                once, so that clients spread over the hosts.
            remote_traces: Whether the host gets the tracebacks of callbacks' exceptions, with the
                paths of the client's files.
            described: Whether proxies of annotated interfaces have descriptions, which they
                compare with the host's. If they do not fit, calls raise ContractMismatch and none
                runs; see callgate.describe().
            verify: When they compare them [before their first call on each connection].
            trace: What to record of what passes on the connections. A pickled proxy does not take
                it along.
            on_connected: Called with the first connection, on the client's thread. It may block,
                which delays the client.
            on_reconnected: Called in the same way with each later connection.
            on_disconnected: Called with each connection that has ended and the reason, an Error.
                The client reconnects after it returns.
        """
        self._context = OwnerContext(exceptions, loop, log, remote_traces)
        handlers = (on_connected, on_reconnected, on_disconnected)
        kept = {"callbacks": callbacks, "a loop": loop, "handlers": any(handlers) or None}
        #: Why proxies of this client cannot be pickled; "" if they can.
        self._stays = " and ".join(name for name, given in kept.items() if given is not None)
        limits = check_limits(limits)
        if call_timeout is not DEFAULT:
            limits = replace(limits, call_timeout=call_timeout)
        if connection_timeout is not DEFAULT:
            limits = replace(limits, connection_timeout=connection_timeout)
        self._endpoint = endpoint
        known = tuple((exceptions or {}).items())
        self._travelling = ClientOptions(
            endpoint,
            limits,
            known,
            host_user,
            shuffle_endpoints,
            log,
            described,
            check_verify(verify),
        )
        size = ctypes.sizeof(structs.ClientOptions)
        options = structs.ClientOptions(struct_size=size, verify=verify)
        options.shuffle_endpoints = shuffle_endpoints
        if host_user is not None:
            if not isinstance(host_user, (int, str)):
                raise InvalidArgument(f"host_user must be a uid or a name, not {host_user!r}")
            options.host_user = native.name(str(host_user))
        # Kept here: a field of a derived Structure may lose what its pointer refers to.
        recorded = trace_pointer(trace)
        options.trace = recorded
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
        """The endpoint that the client connects to."""
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
        """Creates a proxy of an interface of the host. It outlives reconnects.

        Creating it does not contact the host: the first call reports an interface that the host
        does not serve.

        Args:
            interface: The interface's name; or the annotated class or typing.Protocol that
                describes it. Then the proxy has its methods, rejects arguments that do not match
                before anything is sent, and converts results.
            initialise: A routine that is called with the proxy on each new connection, before the
                proxy's first call or as soon as the client has reconnected. Calls wait for it,
                except its own. If it raises, the waiting calls raise InitialisationFailed with
                that error as the cause, and it runs again after growing pauses.
            faulted: The exception that calls raise instead of ChannelFaulted, TimedOut and Closed.
                It is created from the message; the original is its __cause__.
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
        proxy = ProxyHandle(made, self, interface, faulted, initialise)
        contract = resolve(interface)[1]
        if contract is not None and self._travelling.described:
            text = document(contract)
            failures.check(native.proxy_describe, proxy.value, text, len(text))
        return proxy

    def _travel(
        self, handle: ProxyHandle, settings: Optional[Settings], method: Optional[str]
    ) -> Tuple[Any, ...]:
        """What pickle stores for a proxy of this client."""
        if self._stays:
            raise TypeError(
                f"a proxy of {resolve(handle.interface)[0]} cannot be pickled: its client has "
                f"{self._stays}, which belong to this process; create a callgate.Client of "
                f"{self._endpoint!r} there"
            )
        travelling = TravellingProxy(
            Client, self._travelling, handle.interface, handle.initialise, handle.faulted, settings
        )
        return reduce(travelling, method)

    def wait_connected(self, timeout: Timeout = DEFAULT) -> None:
        """Waits until the client is connected.

        A failure that waiting cannot fix, such as AccessDenied, is raised at once.

        Args:
            timeout: How long to wait [connection_timeout].

        Raises:
            ChannelFaulted: The client is not connected. After a timeout, the last failure is the
                cause.
        """
        wait = native.client_wait_connected
        interruptible(failures.check, wait, self._handle.value, milliseconds(timeout))

    @property
    def connection(self) -> Connection:
        """The client's present connection.

        Raises:
            ChannelFaulted: The client is not connected.
        """
        return Connection(
            failures.make(native.client_connection, self._handle.value), self._context
        )

    def counters(self) -> Counters:
        """What the client has counted since it was started."""
        return _counters.read(native.client_counter_values, self._handle.value)

    def open_metrics(self) -> str:
        """The same as OpenMetrics text, which Prometheus and others read.

        Its type is application/openmetrics-text; version=1.0.0.
        """
        return _counters.read_text(native.client_counters, self._handle.value)

    def flush(self, timeout: Timeout = DEFAULT) -> None:
        """Waits until the one-way calls made so far have been handed to the operating system.

        One-way calls dropped with an earlier connection are not included.

        Args:
            timeout: How long to wait [drain_timeout].

        Raises:
            ChannelFaulted: The connection was lost meanwhile, or the timeout passed.
        """
        interruptible(
            failures.check, native.client_flush, self._handle.value, milliseconds(timeout)
        )

    def close(self, timeout: Timeout = DEFAULT) -> None:
        """Sends what is queued, ends the connection for good, and waits for running callbacks.

        Once it has returned, no callback of this client runs or will run. Waiting calls raise
        Closed. In a callback of this client, closing begins and returns at once. Closing twice
        does no harm.

        Args:
            timeout: How long to wait [drain_timeout].

        Raises:
            TimedOut: Callbacks still run; closing continues in the background.
        """
        interruptible(
            failures.check, native.client_close, self._handle.value, milliseconds(timeout)
        )

    def __repr__(self) -> str:
        """The client by its endpoint."""
        return f"<callgate.Client of {self._endpoint}>"
