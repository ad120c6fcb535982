"""Connections."""

from typing import Any, Callable, List, NoReturn, Optional, Type, TypeVar, overload

from ._abi import native
from ._abi.handles import Handle, Local
from ._calling.proxy import Proxy
from ._calling.proxy_handle import ProxyHandle
from ._calling.typed import make_proxy
from ._contracts.interface import resolve, wire_name
from ._errors import failures
from ._timeouts import DEFAULT, Timeout, interruptible, milliseconds

_Interface = TypeVar("_Interface")


class ConnectionHandle(Handle):
    """Owns the handle of a connection."""

    __slots__ = ()
    free = native.connection_free


class Connection(Local):
    """One established conversation between a client and a host.

    Keeping the object does not keep the connection open. Any number of threads may use it.
    Objects of the same end of a connection are equal.
    """

    _instead = "keep it, or its id, here"

    def __init__(self, handle: int, context: Any) -> None:
        """Takes over a handle. Programs get connections from clients, hosts and calls."""
        self._handle = ConnectionHandle(handle)
        self._context = context
        self._id: int = native.connection_id(handle)

    @classmethod
    def _borrowed(cls, handle: int, context: Any) -> "Connection":
        return cls(failures.make(native.connection_clone, handle), context)

    @property
    def id(self) -> int:
        """The connection's number, used in the logs of both sides.

        The host's process assigns it, so connections of one client process to two hosts can have
        the same number.
        """
        return self._id

    @property
    def generation(self) -> int:
        """Which of the client's connections this is.

        1 for the first, one more after each reconnect. Always 1 on a host.
        """
        return int(native.connection_generation(self._handle.value))

    @property
    def is_open(self) -> bool:
        """Whether the connection is still open. It may end at any moment."""
        return bool(native.connection_is_open(self._handle.value))

    @property
    def peer_user(self) -> str:
        """The peer's user, vouched for by the operating system; "" if unknown (TCP).

        Its uid on Unix, its SID on Windows.
        """
        return native.read_text(native.connection_peer_user, self._handle.value)

    @property
    def peer_user_name(self) -> str:
        """The name of the peer's user, for people; "" if it has none, or the user is unknown.

        With the domain on Windows. The first use looks it up, and may wait for a server.
        """
        return native.read_text(native.connection_peer_user_name, self._handle.value)

    @property
    def peer_uid(self) -> Optional[int]:
        """The peer's uid, vouched for by the operating system; None if unknown (TCP, Windows)."""
        return _known(native.connection_peer_uid(self._handle.value))

    @property
    def peer_gid(self) -> Optional[int]:
        """The peer's group id, or None."""
        return _known(native.connection_peer_gid(self._handle.value))

    @property
    def peer_pid(self) -> Optional[int]:
        """The peer's process id, or None.

        For information, never as proof: process ids are reused.
        """
        return _known(native.connection_peer_pid(self._handle.value))

    @property
    def peer_address(self) -> str:
        """The peer's network address, e.g. "127.0.0.1:50312"; "" if it has none."""
        return native.read_text(native.connection_peer_address, self._handle.value)

    @property
    def peer_key(self) -> str:
        """The fingerprint of the peer's key over TLS, as trust= takes it.

        "" if the peer has shown no certificate. The peer has proved that it has the key.
        """
        return native.read_text(native.connection_peer_key, self._handle.value)

    @property
    def peer_common_name(self) -> str:
        """The common name in the peer's certificate, for people; "" if there is none.

        Its authority vouches for it if trust= names authorities; if it names keys, it is what the
        peer says of itself.
        """
        return native.read_text(native.connection_peer_common_name, self._handle.value)

    @property
    def peer_names(self) -> List[str]:
        """The DNS names and URIs in the peer's certificate.

        The same vouches for them as for the common name.
        """
        names = native.read_text(native.connection_peer_names, self._handle.value)
        return names.split("\n") if names else []

    @overload
    def proxy(self, interface: str, *, faulted: Optional[Type[BaseException]] = None) -> Proxy: ...

    @overload
    def proxy(
        self, interface: Callable[..., _Interface], *, faulted: Optional[Type[BaseException]] = None
    ) -> _Interface: ...

    def proxy(self, interface: Any, *, faulted: Optional[Type[BaseException]] = None) -> Any:
        """Creates a proxy of an interface that the peer serves on this connection.

        The proxy stops working when the connection ends.

        Args:
            interface: The interface's name, or the class that describes it.
            faulted: The exception that calls raise instead of ChannelFaulted; see Client.proxy().
        """
        made = failures.make(native.connection_proxy, self._handle.value, wire_name(interface))
        return make_proxy(ProxyHandle(made, self, interface, faulted))

    def _travel(self, handle: ProxyHandle, *_: Any) -> NoReturn:
        raise TypeError(
            f"a proxy of {resolve(handle.interface)[0]} from a connection cannot be pickled: it "
            "ends with its connection, which belongs to this process"
        )

    def flush(self, timeout: Timeout = DEFAULT) -> None:
        """Waits until everything sent so far has been handed to the operating system.

        Calls that still wait for the peer to catch up are not included.

        Args:
            timeout: How long to wait [drain_timeout].

        Raises:
            ChannelFaulted: The connection ended, or the timeout passed.
        """
        flush = native.connection_flush
        interruptible(failures.check, flush, self._handle.value, milliseconds(timeout))

    def close(self) -> None:
        """Ends the connection without waiting."""
        failures.check(native.connection_close, self._handle.value)

    def __eq__(self, other: Any) -> bool:
        """Whether both are the same connection."""
        return isinstance(other, Connection) and bool(
            native.connection_is_same(self._handle.value, other._handle.value)
        )

    def __hash__(self) -> int:
        """The hash of the connection's number."""
        return hash(self._id)

    def __repr__(self) -> str:
        """The connection by its number."""
        return f"<callgate.Connection {self._id}>"


def _known(number: int) -> Optional[int]:
    return None if number < 0 else number
