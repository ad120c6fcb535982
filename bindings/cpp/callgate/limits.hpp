/// Limits of hosts and clients.
#pragma once

#include <callgate/timeout.hpp>
#include <callgate/version.hpp>

#include <chrono>
#include <cstddef>
#include <optional>

CALLGATE_BEGIN_NAMESPACE

/// What a host or client allows its peers, and how long it waits. The defaults, which stand in brackets, are
/// right for most programs; a number of 0 is the default.
struct Limits {
    /// The largest frame, which holds one call or answer [64 MiB of payload and 64 KiB beside it].
    std::size_t frame_bytes = 0;
    /// Bytes of calls a peer may have sent that are not answered, per connection [two frames].
    std::size_t inbound_bytes = 0;
    /// The same for all connections of a host together [512 MiB].
    std::size_t host_inbound_bytes = 0;
    /// Calls and one-way calls a peer may have sent that are not answered [2048].
    std::size_t inbound_calls = 0;
    /// Calls running at once on one connection that no other call is waiting for [16].
    std::size_t running_calls = 0;
    /// Nested calls running at once on one connection, beyond the running calls [256].
    std::size_t nested_calls = 0;
    /// Levels of calls within calls within calls [64].
    std::size_t nesting_depth = 0;
    /// Interfaces asked for on one connection, unknown ones included [256].
    std::size_t interfaces = 0;
    /// Connections of one host [1024].
    std::size_t connections = 0;
    /// Connections of one user to one host [256].
    std::size_t connections_per_user = 0;
    /// Connections whose handshake is under way; the oldest makes room for a new one [64].
    std::size_t handshakes = 0;
    /// Bytes waiting to be sent on one connection before senders wait for room [1 MiB].
    std::size_t send_queue_bytes = 0;
    /// The whole handshake, connecting included [10 s].
    Timeout handshake_timeout{};
    /// How long a call waits for a connection [6 s].
    Timeout connection_timeout{};
    /// How long a call takes at most, all waiting included [30 s].
    Timeout call_timeout{};
    /// A connection whose peer reads nothing for so long, while there is something to send, ends [30 s].
    Timeout write_timeout{};
    /// How long closing waits for running delegates [5 s].
    Timeout drain_timeout{};
    /// Over TCP, how long nothing may come from a peer, while calls wait for its answers, before it is pinged, since
    /// one that hangs looks like one that is silent [30 s].
    Timeout ping_after{};
    /// How long after a ping nothing may come before the connection ends [20 s].
    Timeout ping_timeout{};
    /// The longest time for which a thread that waits for a message spins before it sleeps, where that pays;
    /// 0 never spins [twice what sleeping and being woken costs here, which the process measures].
    std::optional<std::chrono::microseconds> spin{};
    /// The shortest pause between attempts to connect [10 ms; over TCP 100 ms]. Set it together with the longest.
    Timeout reconnect_backoff_min{};
    /// The longest pause between attempts to connect [1 s; over TCP 30 s].
    Timeout reconnect_backoff_max{};

    /// As C has them.
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
        return limits;
    }
};

CALLGATE_END_NAMESPACE
