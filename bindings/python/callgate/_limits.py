"""Limits and other options of hosts and clients."""

import ctypes
import logging
from dataclasses import dataclass, fields
from typing import Optional, Tuple

from . import _log
from ._abi import native
from ._exceptions import InvalidArgument
from ._timeouts import DEFAULT, Timeout, milliseconds


@dataclass(frozen=True)
class Limits:
    """What a host or client allows its peers, and how long it waits.

    The defaults, which stand in brackets, are right for most programs. A number of 0 is the
    default.

    Attributes:
        frame_bytes: The largest frame, which holds one call or answer [64 MiB and a little].
        inbound_bytes: Bytes of calls a peer may have sent that are not answered, per connection
            [two frames].
        host_inbound_bytes: The same for all connections of a host together [512 MiB].
        inbound_calls: Calls a peer may have sent that are not answered [2048].
        running_calls: Calls running at once on one connection that no other call waits for [16].
        nested_calls: Nested calls running at once, beyond the running calls [256].
        nesting_depth: Levels of calls within calls within calls [64].
        interfaces: Interfaces asked for on one connection, unknown ones included [256].
        connections: Connections of one host [1024].
        connections_per_user: Connections of one user to one host [256].
        handshakes: Connections whose handshake is under way [64].
        send_queue_bytes: Bytes waiting to be sent before senders wait for room [1 MiB].
        handshake_timeout: The whole handshake, connecting included [10 s].
        connection_timeout: How long a call waits for a connection [6 s].
        call_timeout: How long a call takes at most, all waiting included [30 s].
        write_timeout: A connection whose peer reads nothing for so long ends [30 s].
        drain_timeout: How long closing waits for running delegates [5 s].
        ping_after: Over TCP, how long nothing may come from a peer, while calls wait for its
            answers, before it is pinged, since one that hangs looks like one that is silent [30 s];
            None never pings.
        ping_timeout: How long after a ping nothing may come before the connection ends [20 s].
        spin: The longest time for which a thread that waits for a message spins before it sleeps,
            where that pays [twice what sleeping and being woken costs here, which the process
            measures]; None or 0 never spins, which saves processor time and costs latency.
        reconnect_backoff: The shortest and the longest pause between attempts to connect [10 ms and
            1 s; over TCP 100 ms and 30 s].
    """

    frame_bytes: int = 0
    inbound_bytes: int = 0
    host_inbound_bytes: int = 0
    inbound_calls: int = 0
    running_calls: int = 0
    nested_calls: int = 0
    nesting_depth: int = 0
    interfaces: int = 0
    connections: int = 0
    connections_per_user: int = 0
    handshakes: int = 0
    send_queue_bytes: int = 0
    handshake_timeout: Timeout = DEFAULT
    connection_timeout: Timeout = DEFAULT
    call_timeout: Timeout = DEFAULT
    write_timeout: Timeout = DEFAULT
    drain_timeout: Timeout = DEFAULT
    ping_after: Timeout = DEFAULT
    ping_timeout: Timeout = DEFAULT
    spin: Timeout = DEFAULT
    reconnect_backoff: Optional[Tuple[float, float]] = None


_SPIN_OFF = -1


def _limits(limits: Limits) -> native.Limits:
    made = native.Limits(struct_size=ctypes.sizeof(native.Limits))
    for field in fields(limits):
        value = getattr(limits, field.name)
        if field.name.endswith(("_timeout", "_after")):
            setattr(made, field.name + "_ms", milliseconds(value))
        elif field.name not in ("spin", "reconnect_backoff"):
            _check(field.name, value)
            setattr(made, field.name, value)
    if limits.spin is not DEFAULT:
        seconds = limits.spin or 0
        _check("spin", seconds)
        made.spin_us = max(1, int(seconds * 1e6)) if seconds else _SPIN_OFF
    if limits.reconnect_backoff is not None:
        first, longest = map(milliseconds, limits.reconnect_backoff)
        made.reconnect_backoff_min_ms = first
        made.reconnect_backoff_max_ms = longest
    return made


def _check(name: str, value: float) -> None:
    if not value >= 0:
        raise InvalidArgument(f"{name} must not be negative, but is {value}")


def check_limits(limits: Optional[Limits]) -> Limits:
    """The limits that were given, or the default ones."""
    if limits is None:
        return Limits()
    if not isinstance(limits, Limits):
        raise InvalidArgument(f"limits are a callgate.Limits, not {limits!r}")
    return limits


def set_owner_options(
    options: native.OwnerOptions, limits: Limits, log: Optional[logging.Logger]
) -> None:
    """Fills in the options that hosts and clients have in common."""
    options.limits = ctypes.pointer(_limits(limits))
    if log is not None:
        _log.send_to(log, options)
