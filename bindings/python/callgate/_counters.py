"""What hosts and clients count: connections, calls, errors, bytes and latencies."""

import ctypes
import math
from dataclasses import dataclass
from typing import Any, Dict, Optional, Tuple

from ._abi import native, structs
from ._errors import failures
from ._values import messagepack


@dataclass(frozen=True)
class Latencies:
    """How many calls took how long, in buckets whose bounds differ by a quarter at most.

    Attributes:
        buckets: The buckets that are not empty, the shortest latencies first: the upper bound in
            seconds, which the bucket does not include, and the number of latencies. The bucket for
            more than a minute has None as its bound.
    """

    buckets: Tuple[Tuple[Optional[float], int], ...]

    @property
    def count(self) -> int:
        """How many latencies were counted."""
        return sum(count for _, count in self.buckets)

    def quantile(self, share: float) -> Optional[float]:
        """A time in seconds that this share of the latencies did not exceed.

        It is the upper bound of a bucket, and so at most a quarter too long.

        Args:
            share: From 0 to 1: 0.99 for the 99th percentile.

        Returns:
            None if there are no latencies, or if it is more than a minute.
        """
        wanted = max(1, math.ceil(self.count * share))
        passed = 0
        for bound, count in self.buckets:
            passed += count
            if passed >= wanted:
                return bound
        return None


@dataclass(frozen=True)
class CallCounters:
    """The calls of one direction.

    Attributes:
        calls: Calls with a reply. Made: those for which there was a connection. Served: those to
            which methods have replied.
        one_way: One-way calls. Made: those given to a connection. Served: those that have returned
            or were refused.
        in_flight: Calls without a reply now.
        errors: How many calls ended with each Status; only those that occurred. A status that this
            version does not know is a number.
        latencies: How long calls with a reply took: the first of each connection, and then one in
            17, the same on both sides.
    """

    calls: int
    one_way: int
    in_flight: int
    errors: Dict[int, int]
    latencies: Latencies


@dataclass(frozen=True)
class Counters:
    """What a host or client has counted since it was started.

    Counting is always on. Numbers that are read at one moment may differ by calls in progress.

    Attributes:
        connections: Connections that are open now.
        connections_established: Connections that have been established.
        connections_failed: A host: connections that were refused or whose handshake failed. A
            client: attempts to connect that failed.
        bytes_received: Bytes received, without handshakes.
        bytes_sent: Bytes handed to the operating system, without handshakes.
        bytes_queued: Bytes that wait to be sent now.
        made: Calls that this side makes. A host makes the calls of callbacks.
        served: Calls that this side serves. A client serves callbacks.
    """

    connections: int
    connections_established: int
    connections_failed: int
    bytes_received: int
    bytes_sent: int
    bytes_queued: int
    made: CallCounters
    served: CallCounters


#: The fields of Counters that are plain numbers.
_NUMBERS = [name for name, kind in Counters.__annotations__.items() if kind is int]


def read(function: Any, handle: int) -> Counters:
    """Reads the counters of a host or client with a C function that returns their values."""
    values = messagepack.unpack(_read_buffer(function, handle))
    numbers = {name: values[name] for name in _NUMBERS}
    return Counters(made=_calls(values["made"]), served=_calls(values["served"]), **numbers)


def read_text(function: Any, handle: int) -> str:
    """Reads the counters with a C function that returns them as text."""
    return _read_buffer(function, handle).decode()


def _calls(values: Dict[str, Any]) -> CallCounters:
    errors = {failures.known_status(code): count for code, count in values["errors"].items()}
    latencies = Latencies(tuple(_bucket(*bucket) for bucket in values["latencies"]))
    numbers = (values["calls"], values["one_way"], values["in_flight"])
    return CallCounters(*numbers, errors, latencies)


def _bucket(bound_ns: Optional[int], count: int) -> Tuple[Optional[float], int]:
    return (None if bound_ns is None else bound_ns / 1e9, count)


def _read_buffer(function: Any, handle: int) -> bytes:
    buffer = structs.Buffer()
    failures.check(function, handle, ctypes.byref(buffer))
    try:
        return ctypes.string_at(buffer.data, buffer.length)
    finally:
        native.buffer_free(ctypes.byref(buffer))
