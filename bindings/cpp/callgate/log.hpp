/// The log of a host or client.
#pragma once

#include <callgate/error.hpp>
#include <callgate/version.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

CALLGATE_BEGIN_NAMESPACE

/// The severity of a log event.
enum class LogLevel : std::int32_t {
    error = CALLGATE_LOG_ERROR,
    warning = CALLGATE_LOG_WARNING,
    info = CALLGATE_LOG_INFO,
    debug = CALLGATE_LOG_DEBUG,
};

/// An event of a log: a whole sentence for people, and what it is about as fields for programs. No text contains control
/// characters or line ends, whatever a peer sent. Text that does not apply is empty. All text is borrowed until the log
/// returns.
struct LogEvent {
    /// The severity.
    LogLevel level = LogLevel::info;
    /// What the event comes from: "callgate::host", "callgate::client", "callgate::connection" or "callgate::transport".
    std::string_view target{};
    /// What happened, on one line of at most about 8 KiB.
    std::string_view message{};
    /// The connection's number.
    std::optional<std::uint64_t> connection{};
    /// The endpoint that the host listens on or the client connects to.
    std::string_view endpoint{};
    /// The peer's user, vouched for by the operating system: its uid on Unix, its SID on Windows.
    std::string_view peer_user{};
    /// The peer's process. For information, never as proof: process ids are reused.
    std::optional<std::uint32_t> peer_pid{};
    /// The interface of the call.
    std::string_view interface_name{};
    /// The method of the call.
    std::string_view method{};
    /// The status of the error that the message describes.
    std::optional<Status> status{};
    /// How many events this one stands for: those left out of the log, or the one-way calls lost.
    std::optional<std::uint64_t> count{};
};

/// Receives one log event. Runs on any thread, and on several at once. It should not wait, since the operation that logs
/// waits for it. Exceptions that it throws are dropped.
using Log = std::function<void(const LogEvent&)>;

namespace detail {

/// A field that is known, or nothing.
template <class To, class From>
std::optional<To> known_field(bool known, From value) {
    return known ? std::optional<To>(static_cast<To>(value)) : std::nullopt;
}

inline LogEvent log_event(const callgate_log_event& event) {
    LogEvent made;
    made.level = LogLevel(event.level);
    made.target = event.target;
    made.message = {event.message, event.message_length};
    made.connection = known_field<std::uint64_t>(event.connection != 0, event.connection);
    made.endpoint = event.endpoint;
    made.peer_user = event.peer_user;
    made.peer_pid = known_field<std::uint32_t>(event.peer_pid >= 0, event.peer_pid);
    made.interface_name = event.interface_name;
    made.method = event.method;
    made.status = known_field<Status>(event.status != CALLGATE_STATUS_OK, event.status);
    made.count = known_field<std::uint64_t>(event.count != 0, event.count);
    return made;
}

/// The trampoline of logs.
inline void log(void* user_data, const callgate_log_event* event) noexcept {
    try {
        (*static_cast<const Log*>(user_data))(log_event(*event));
    } catch (...) {
        // Nothing can report it.
    }
}

} // namespace detail
CALLGATE_END_NAMESPACE
