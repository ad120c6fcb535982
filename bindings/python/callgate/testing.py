"""For the tests of programs: connections that fail on purpose.

faults = Faults(seed=7, cut=(100, 5000), connections=1)
with FaultyRelay("pipe://bad-line", "pipe://calculator", faults):
    with callgate.Client("pipe://bad-line") as client:
        ...  # its first connection is cut, the next one is not
"""

import ctypes
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Optional, Tuple, Union

from ._abi import native, structs
from ._abi.handles import Handle, Local
from ._errors import failures
from ._exceptions import InvalidArgument

__all__ = ["Direction", "Faults", "FaultyRelay", "Positions"]

#: A position, or the least and the greatest of several. None: nowhere.
Positions = Union[None, int, Tuple[int, int]]


class Direction(IntEnum):
    """The direction of the bytes that have faults."""

    BOTH = 0
    TO_HOST = 1
    TO_CLIENT = 2


@dataclass(frozen=True)
class Faults:
    """The faults of a relay's connections; by default there are none.

    Every choice follows from the seed, the number of the connection, the direction and the position
    of a byte, so the same bytes meet the same faults again. A position is the number of bytes
    before it in its direction of the connection, the handshake's included.

    Attributes:
        seed: The choices: another seed makes others.
        direction: The direction that has the faults; both have choices of their own.
        connections: How many connections have the faults, the next ones; later ones have none.
            None: all.
        byte_wise: Each byte is forwarded alone.
        delay: The longest pause, in seconds, before a piece of 1 to 4096 bytes is forwarded.
        cut: Where the connection is cut, both ways.
        silence: From where on the bytes vanish, and the end of the stream too: the other side sees
            a peer that says nothing more, as when a machine or a network dies.
        corrupt: Where a byte is changed.
        lose: Where a byte is lost.
    """

    seed: int = 0
    direction: Direction = Direction.BOTH
    connections: Optional[int] = None
    byte_wise: bool = False
    delay: float = 0
    cut: Positions = None
    silence: Positions = None
    corrupt: Positions = None
    lose: Positions = None

    def _native(self) -> structs.Faults:
        given = structs.Faults(
            struct_size=ctypes.sizeof(structs.Faults),
            seed=_number("seed", self.seed),
            direction=_number("direction", self.direction),
            byte_wise=bool(self.byte_wise),
            delay_us=_number("delay", round(self.delay * 1_000_000)),
        )
        if self.connections is not None:
            if self.connections == 0:
                raise InvalidArgument("connections must be at least 1, or None for all")
            given.connections = _number("connections", self.connections)
        for name in ("cut", "silence", "corrupt", "lose"):
            least, greatest = _range(name, getattr(self, name))
            setattr(given, f"{name}_min", least)
            setattr(given, f"{name}_max", greatest)
        return given


def _number(name: str, number: Any) -> int:
    if not isinstance(number, int) or not 0 <= number < 1 << 64:
        raise InvalidArgument(f"{name} must be a number from 0 to 2**64 - 1, not {number!r}")
    return int(number)


def _range(name: str, positions: Positions) -> Tuple[int, int]:
    if positions is None:
        return 0, 0
    least, greatest = positions if isinstance(positions, tuple) else (positions, positions)
    if (least, greatest) == (0, 0):
        raise InvalidArgument(f"the position of '{name}' must be at least 1")
    return _number(name, least), _number(name, greatest)


class _RelayHandle(Handle):
    """Owns the handle of a relay."""

    __slots__ = ()
    free = native.relay_free


class FaultyRelay(Local):
    """Listens on an endpoint, and forwards each connection to a host, with faults.

    Clients connect to the relay in place of the host. The host sees the relay's process as its
    peer. Use it in a with statement, or close it.
    """

    _instead = "start one in each process"

    def __init__(self, listen: str, host: str, faults: Optional[Faults] = None) -> None:
        """Starts to listen. The host may start later: until then connections end at once.

        Raises:
            InvalidArgument: An endpoint or the faults are malformed.
            AddressInUse: Another program listens there.
        """
        given = _given(faults)
        names = native.endpoint_name(listen), native.endpoint_name(host)
        self._handle: Optional[_RelayHandle]
        self._handle = _RelayHandle(failures.make(native.relay_start, *names, given))
        self._endpoint = native.read_text(native.relay_endpoint, self._handle.value)

    @property
    def endpoint(self) -> str:
        """The endpoint for clients, with the port that the system chose."""
        return self._endpoint

    @property
    def connections(self) -> int:
        """How many connections were accepted so far; 0 once the relay is closed."""
        return int(native.relay_connection_count(self._handle and self._handle.value))

    def set_faults(self, faults: Optional[Faults]) -> None:
        """Sets the faults of the connections that are accepted from now on; None means none."""
        failures.check(native.relay_set_faults, self._handle and self._handle.value, _given(faults))

    def cut(self) -> None:
        """Cuts the connections that are open."""
        failures.check(native.relay_cut, self._handle and self._handle.value)

    def close(self) -> None:
        """Stops listening, and cuts the connections. Closing twice does no harm."""
        self._handle = None

    def __enter__(self) -> "FaultyRelay":
        """Returns the relay, which is closed when the with statement ends."""
        return self

    def __exit__(self, *_: object) -> None:
        """Closes the relay."""
        self.close()

    def __repr__(self) -> str:
        """The endpoint, as text."""
        return f"<callgate.testing.FaultyRelay at {self._endpoint}>"


def _given(faults: Optional[Faults]) -> Any:
    if faults is None:
        return None
    if not isinstance(faults, Faults):
        raise InvalidArgument(f"faults must be a callgate.testing.Faults, not {faults!r}")
    return ctypes.byref(faults._native())
