/// The log of a host or client.
#pragma once

#include <callgate/version.hpp>

#include <cstdint>
#include <functional>
#include <string_view>

CALLGATE_BEGIN_NAMESPACE

/// The severity of a log line.
enum class LogLevel : std::int32_t {
    error = CALLGATE_LOG_ERROR,
    warning = CALLGATE_LOG_WARNING,
    info = CALLGATE_LOG_INFO,
    debug = CALLGATE_LOG_DEBUG,
};

/// Receives one log line. Runs on any thread, and on several at once. It should not wait, since the operation that logs
/// waits for it. Exceptions that it throws are dropped.
using Log = std::function<void(LogLevel, std::string_view)>;

namespace detail {

/// The trampoline of logs.
inline void log(void* user_data, callgate_log_level level, const char* message, std::size_t length) noexcept {
    try {
        (*static_cast<const Log*>(user_data))(LogLevel(level), {message, length});
    } catch (...) {
        // Nothing can report it.
    }
}

} // namespace detail
CALLGATE_END_NAMESPACE
