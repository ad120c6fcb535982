/// For the tests of programs: connections that fail on purpose. Not part of callgate.hpp.
#pragma once

#include <callgate/detail/failures.hpp>
#include <callgate/detail/handle.hpp>
#include <callgate/error.hpp>
#include <callgate/version.hpp>
#include <callgate_testing.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

CALLGATE_BEGIN_NAMESPACE
namespace testing {

/// The direction of the bytes that have faults.
enum class Direction : std::uint32_t {
    both = CALLGATE_DIRECTION_BOTH,
    to_host = CALLGATE_DIRECTION_TO_HOST,
    to_client = CALLGATE_DIRECTION_TO_CLIENT,
};

/// The positions of a fault, which happens once in each connection, at one of them. By default it does not happen. A
/// position is the number of bytes before it in its direction of the connection, the handshake's included.
struct Positions {
    Positions() = default;
    /// This position, at least 1.
    Positions(std::uint64_t only) : min{only}, max{only} {} // NOLINT: a number is a position
    Positions(std::uint64_t least, std::uint64_t greatest) : min{least}, max{greatest} {}

    std::uint64_t min = 0;
    std::uint64_t max = 0;
};

/// The faults of a relay's connections; by default there are none. Every choice follows from the seed, the number of the
/// connection, the direction and the position of a byte, so the same bytes meet the same faults again.
struct Faults {
    /// The choices: another seed makes others.
    std::uint64_t seed = 0;
    /// The direction that has the faults; both have choices of their own.
    Direction direction = Direction::both;
    /// How many connections have the faults, the next ones; later ones have none. 0 means all.
    std::uint64_t connections = 0;
    /// Each byte is forwarded alone.
    bool byte_wise = false;
    /// The longest pause before a piece of 1 to 4096 bytes is forwarded.
    std::chrono::microseconds delay{0};
    /// Where the connection is cut, both ways.
    Positions cut{};
    /// From where on the bytes vanish, and the end of the stream too: the other side sees a peer that says nothing more,
    /// as when a machine or a network dies.
    Positions silence{};
    /// Where a byte is changed.
    Positions corrupt{};
    /// Where a byte is lost.
    Positions lose{};

    /// The faults as C represents them. Throws invalid_argument for a negative delay.
    callgate_faults c_faults() const {
        if (delay.count() < 0)
            throw invalid_argument("the delay of faults must not be negative");
        callgate_faults faults{};
        faults.struct_size = sizeof faults;
        faults.seed = seed;
        faults.connections = connections;
        faults.delay_us = static_cast<std::uint64_t>(delay.count());
        faults.cut_min = cut.min;
        faults.cut_max = cut.max;
        faults.silence_min = silence.min;
        faults.silence_max = silence.max;
        faults.corrupt_min = corrupt.min;
        faults.corrupt_max = corrupt.max;
        faults.lose_min = lose.min;
        faults.lose_max = lose.max;
        faults.direction = static_cast<std::uint32_t>(direction);
        faults.byte_wise = byte_wise ? 1 : 0;
        return faults;
    }
};

/// Listens on an endpoint, and forwards each connection to a host, with faults. Clients connect to the relay in place of
/// the host. The host sees the relay's process as its peer. The destructor stops it, and cuts its connections.
class FaultyRelay {
public:
    /// Starts to listen. The host may start later: until then connections end at once. Throws invalid_argument for
    /// malformed endpoints or faults, address_in_use if another program listens there.
    FaultyRelay(const std::string& listen, const std::string& host, const Faults& faults = {}) {
        detail::check_library();
        const callgate_faults given = faults.c_faults();
        callgate_relay* made = nullptr;
        detail::check(callgate_relay_start, listen.c_str(), host.c_str(), &given, &made);
        handle_.reset(made);
    }

    /// The endpoint for clients, with the port that the system chose. Valid as long as the relay.
    std::string_view endpoint() const noexcept {
        std::size_t length = 0;
        const char* text = callgate_relay_endpoint(handle_.get(), &length);
        return {text, length};
    }

    /// How many connections were accepted so far.
    std::uint64_t connections() const noexcept { return callgate_relay_connection_count(handle_.get()); }

    /// Sets the faults of the connections that are accepted from now on.
    void set_faults(const Faults& faults) {
        const callgate_faults given = faults.c_faults();
        detail::check(callgate_relay_set_faults, handle_.get(), &given);
    }

    /// Cuts the connections that are open.
    void cut() { detail::check(callgate_relay_cut, handle_.get()); }

private:
    detail::Handle<callgate_relay, callgate_relay_free> handle_;
};

} // namespace testing
CALLGATE_END_NAMESPACE
