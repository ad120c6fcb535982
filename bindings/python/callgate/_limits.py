"""Limits and other options of hosts and clients."""

import ctypes
import logging
from dataclasses import dataclass, fields
from typing import Optional

from . import _log
from ._abi import structs
from ._exceptions import InvalidArgument
from ._timeouts import DEFAULT, Timeout, milliseconds


@dataclass(frozen=True)
class Limits:
    """What a host or client allows its peers, and how long it waits.

    The defaults, given in brackets, suit most programs. A number of 0 means the default.

    Attributes:
        frame_bytes: The largest frame; a frame holds one call or reply [64 MiB of payload plus 64
            KiB].
        inbound_bytes: How many bytes of calls without a reply a peer may have sent, per connection
            [two frames].
        host_inbound_bytes: The same for all connections of a host together, large frames that are
            still arriving included [512 MiB]. A quarter is divided evenly among the connections;
            of the rest, a connection gets at most half of what the others leave.
        inbound_calls: How many calls without a reply, one-way calls included, a peer may have sent
            [2048].
        running_calls: How many calls may run at once on one connection, nested calls not counted
            [16]. On all connections of a host or client together at most 2,048 run on threads of
            their own; more are refused.
        nested_calls: How many nested calls may run at once on one connection, in addition to
            running_calls [256].
        nesting_depth: How deep calls may nest: a call made while serving a call, and so on [64].
        interfaces: How many interfaces one connection may serve [256]. The same number of unknown
            names is remembered; beyond that, the delegate factories are asked again for every call
            to an unknown name.
        connections: How many connections a host may have, those included that ended while their
            calls run [1024].
        connections_per_user: How many connections one user, or one TCP address, may have to a host
            [256].
        handshakes: How many unfinished handshakes a host may have; one more drops the oldest [64].
        send_queue_bytes: How many bytes may wait to be sent on one connection before senders block
            [1 MiB].
        handshake_timeout: The time limit for connecting and the handshake together [10 s].
        connection_timeout: How long a call waits for a connection [6 s].
        call_timeout: How long a call may take, all waiting included [30 s].
        write_timeout: How long a peer may take to read 512 KiB of what waits to be sent, or all of
            it if less waits, before the connection is closed; also how long it may leave a frame
            incomplete without sending 16 KiB more of it [30 s].
        drain_timeout: How long closing waits for running methods [5 s]; also how long, at least a
            second, a peer may keep its connection after it has said that it closes, while no call
            waits for its reply.
        ping_after: Over TCP a hung peer looks like a silent one. A side that has waited this long
            for replies, and received nothing at all, pings the peer [30 s]. None: never.
        ping_timeout: How long after a ping a side may receive nothing before it ends the
            connection [20 s].
        spin: The longest time that a thread spins while it waits for a message, before it sleeps.
            Spins happen only where they pay [twice the cost of sleeping and waking, which the
            process measures: tens of microseconds]. None or 0: never, which saves CPU time and
            costs latency.
        reconnect_backoff_min: The shortest pause between attempts to connect [10 ms; over TCP 100
            ms]. Set it together with the longest.
        reconnect_backoff_max: The longest pause between attempts to connect [1 s; over TCP 30 s].
            Pauses grow with each failure, and start from the shortest again after a connection that
            served calls or lasted this long.
        parts: Whether large frames travel in parts, if the peer agrees, with small frames in
            between. If not, small frames wait behind them.
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
    reconnect_backoff_min: Timeout = DEFAULT
    reconnect_backoff_max: Timeout = DEFAULT
    parts: bool = True


_SPIN_OFF = -1


def _limits(limits: Limits) -> structs.Limits:
    made = structs.Limits(struct_size=ctypes.sizeof(structs.Limits))
    for field in fields(limits):
        value = getattr(limits, field.name)
        if field.name.endswith(("_timeout", "_after", "_min", "_max")):
            setattr(made, field.name + "_ms", milliseconds(value))
        elif field.name not in ("spin", "parts"):
            _check(field.name, value)
            setattr(made, field.name, value)
    if limits.spin is not DEFAULT:
        seconds = limits.spin or 0
        _check("spin", seconds)
        made.spin_us = max(1, int(seconds * 1e6)) if seconds else _SPIN_OFF
    made.no_parts = not limits.parts
    return made


def _check(name: str, value: float) -> None:
    if not value >= 0:
        raise InvalidArgument(f"{name} must not be negative, but is {value}")


def check_limits(limits: Optional[Limits]) -> Limits:
    """The given limits, or the default ones for None."""
    if limits is None:
        return Limits()
    if not isinstance(limits, Limits):
        raise InvalidArgument(f"limits must be a callgate.Limits, not {limits!r}")
    return limits


def set_owner_options(
    options: structs.OwnerOptions, limits: Limits, log: Optional[logging.Logger]
) -> None:
    """Sets the options that hosts and clients have in common."""
    options.limits = ctypes.pointer(_limits(limits))
    if log is not None:
        _log.send_to(log, options)
