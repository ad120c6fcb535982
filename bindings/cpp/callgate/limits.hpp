/// Limits of hosts and clients.
#pragma once

#include <callgate/timeout.hpp>
#include <callgate/version.hpp>

#include <chrono>
#include <cstddef>
#include <optional>

CALLGATE_BEGIN_NAMESPACE

/// What a host or client allows its peers, and how long it waits. The defaults, given in brackets, suit most programs.
/// 0 means the default.
struct Limits {
    /// The largest frame; a frame holds one call or reply [64 MiB of payload plus 64 KiB].
    std::size_t frame_bytes = 0;
    /// How many bytes of calls without a reply a peer may have sent, per connection [two frames].
    std::size_t inbound_bytes = 0;
    /// The same for all connections of a host together, large frames that are still arriving included [512
    /// MiB]. A quarter is divided evenly among the connections; of the rest, a connection gets at most half of
    /// what the others leave.
    std::size_t host_inbound_bytes = 0;
    /// How many calls without a reply, one-way calls included, a peer may have sent [2048].
    std::size_t inbound_calls = 0;
    /// How many calls may run at once on one connection, nested calls not counted [16]. On all connections of a host
    /// or client together at most 2,048 run on threads of their own; more are refused.
    std::size_t running_calls = 0;
    /// How many nested calls may run at once on one connection, in addition to running_calls [256].
    std::size_t nested_calls = 0;
    /// How deep calls may nest: a call made while serving a call, and so on [64].
    std::size_t nesting_depth = 0;
    /// How many interfaces one connection may serve [256]. The same number of unknown names is remembered; beyond that,
    /// the delegate factories are asked again for every call to an unknown name.
    std::size_t interfaces = 0;
    /// How many connections a host may have, those included that ended while their calls run [1024].
    std::size_t connections = 0;
    /// How many connections one user, or one TCP address, may have to a host [256].
    std::size_t connections_per_user = 0;
    /// How many unfinished handshakes a host may have; one more drops the oldest [64].
    std::size_t handshakes = 0;
    /// How many bytes may wait to be sent on one connection before senders block [1 MiB].
    std::size_t send_queue_bytes = 0;
    /// The time limit for connecting and the handshake together [10 s].
    Timeout handshake_timeout{};
    /// How long a call waits for a connection [6 s].
    Timeout connection_timeout{};
    /// How long a call may take, all waiting included [30 s].
    Timeout call_timeout{};
    /// How long a peer may take to read 512 KiB of what waits to be sent, or all of it if less waits, before the
    /// connection is closed; also how long it may leave a frame incomplete without sending 16 KiB more of it [30 s].
    Timeout write_timeout{};
    /// How long closing waits for running delegates [5 s]; also how long, at least a second, a peer may keep its
    /// connection after it has said that it closes, while no call waits for its reply.
    Timeout drain_timeout{};
    /// Over TCP a hung peer looks like a silent one. A side that has waited this long for replies, and received nothing
    /// at all, pings the peer [30 s]. Timeout::none(): never.
    Timeout ping_after{};
    /// How long after a ping a side may receive nothing before it ends the connection [20 s].
    Timeout ping_timeout{};
    /// The longest time that a thread spins while it waits for a message, before it sleeps. Spins happen only where
    /// they pay [twice the cost of sleeping and waking, which the process measures: tens of microseconds]. 0: never.
    std::optional<std::chrono::microseconds> spin{};
    /// The shortest pause between attempts to connect [10 ms; over TCP 100 ms]. Set it together with the longest.
    Timeout reconnect_backoff_min{};
    /// The longest pause between attempts to connect [1 s; over TCP 30 s]. Pauses grow with each failure, and start
    /// from the shortest again after a connection that served calls or lasted this long.
    Timeout reconnect_backoff_max{};
    /// Whether large frames travel in parts, if the peer agrees, with small frames in between. If not, small frames
    /// wait behind them.
    bool parts = true;

    /// The limits as C represents them.
    callgate_limits c_limits() const {
        callgate_limits limits{};
        limits.struct_size = sizeof limits;
        limits.frame_bytes = frame_bytes;
        limits.inbound_bytes = inbound_bytes;
        limits.host_inbound_bytes = host_inbound_bytes;
        limits.inbound_calls = inbound_calls;
        limits.running_calls = running_calls;
        limits.nested_calls = nested_calls;
        limits.nesting_depth = nesting_depth;
        limits.interfaces = interfaces;
        limits.connections = connections;
        limits.connections_per_user = connections_per_user;
        limits.handshakes = handshakes;
        limits.send_queue_bytes = send_queue_bytes;
        limits.handshake_timeout_ms = handshake_timeout.c_value();
        limits.connection_timeout_ms = connection_timeout.c_value();
        limits.call_timeout_ms = call_timeout.c_value();
        limits.write_timeout_ms = write_timeout.c_value();
        limits.drain_timeout_ms = drain_timeout.c_value();
        limits.ping_after_ms = ping_after.c_value();
        limits.ping_timeout_ms = ping_timeout.c_value();
        limits.reconnect_backoff_min_ms = reconnect_backoff_min.c_value();
        limits.reconnect_backoff_max_ms = reconnect_backoff_max.c_value();
        if (spin)
            limits.spin_us = spin->count() == 0 ? CALLGATE_SPIN_OFF : spin->count();
        limits.no_parts = parts ? 0 : 1;
        return limits;
    }
};

CALLGATE_END_NAMESPACE
