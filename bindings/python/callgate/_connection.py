"""Connections."""

from typing import Any, Callable, NoReturn, Optional, Type, TypeVar, overload

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
    """Owns a connection's handle."""

    __slots__ = ()
    free = native.connection_free


class Connection(Local):
    """One established conversation between a client and a host.

    Keeping it does not keep it open. Any number of threads may use it. Two objects of the same
    conversation are equal.
    """

    _instead = "keep it, or its id, here"

    def __init__(self, handle: int, context: Any) -> None:
        """Takes over a handle; programs are given connections."""
        self._handle = ConnectionHandle(handle)
        self._context = context
        self._id: int = native.connection_id(handle)

    @classmethod
    def _borrowed(cls, handle: int, context: Any) -> "Connection":
        return cls(failures.make(native.connection_clone, handle), context)

    @property
    def id(self) -> int:
        """Its number, by which logs name it; unlike any other connection's of this process."""
        return self._id

    @property
    def generation(self) -> int:
        """The how-manieth connection of its client it is, counted from 1; always 1 on a host."""
        return int(native.connection_generation(self._handle.value))

    @property
    def is_open(self) -> bool:
        """Whether it is still open. It may end the moment after."""
        return bool(native.connection_is_open(self._handle.value))

    @property
    def peer_uid(self) -> Optional[int]:
        """The user at the other end, if the operating system vouches for one."""
        return _known(native.connection_peer_uid(self._handle.value))

    @property
    def peer_gid(self) -> Optional[int]:
        """That user's group."""
        return _known(native.connection_peer_gid(self._handle.value))

    @property
    def peer_pid(self) -> Optional[int]:
        """The process at the other end. Information, never proof: process ids are reused."""
        return _known(native.connection_peer_pid(self._handle.value))

    @property
    def peer_address(self) -> str:
        """The network address of the other end, e.g. "127.0.0.1:50312", or ""."""
        return native.read_text(native.connection_peer_address, self._handle.value)

    @overload
    def proxy(self, interface: str, *, faulted: Optional[Type[BaseException]] = None) -> Proxy: ...

    @overload
    def proxy(
        self, interface: Callable[..., _Interface], *, faulted: Optional[Type[BaseException]] = None
    ) -> _Interface: ...

    def proxy(self, interface: Any, *, faulted: Optional[Type[BaseException]] = None) -> Any:
        """A proxy of an interface that the other end serves on this connection.

        It dies with the connection.

        Args:
            interface: Its name, or the class that describes it.
            faulted: What its calls raise in place of ChannelFaulted, as Client.proxy() has it.
        """
        made = failures.make(native.connection_proxy, self._handle.value, wire_name(interface))
        return make_proxy(ProxyHandle(made, self, interface, faulted))

    def _travel(self, handle: ProxyHandle, *_: Any) -> NoReturn:
        raise TypeError(
            f"a proxy of {resolve(handle.interface)[0]} that a connection has made cannot be "
            "pickled: it ends with its connection, which belongs to this process"
        )

    def flush(self, timeout: Timeout = DEFAULT) -> None:
        """Waits until what was sent on it by now has been handed to the operating system.

        Calls that wait for room at the other end are not counted.

        Args:
            timeout: How long [the drain timeout].

        Raises:
            ChannelFaulted: It ends meanwhile, or the time is over.
        """
        flush = native.connection_flush
        interruptible(failures.check, flush, self._handle.value, milliseconds(timeout))

    def close(self) -> None:
        """Ends it, without waiting for anything."""
        failures.check(native.connection_close, self._handle.value)

    def __eq__(self, other: Any) -> bool:
        """Whether both are the same conversation."""
        return isinstance(other, Connection) and other._id == self._id

    def __hash__(self) -> int:
        """Made of its number."""
        return hash(self._id)

    def __repr__(self) -> str:
        """Names it by its number."""
        return f"<callgate.Connection {self._id}>"


def _known(number: int) -> Optional[int]:
    return None if number < 0 else number
