/// The log of a host or client.
#pragma once

#include <callgate/version.hpp>

#include <cstdint>
#include <functional>
#include <string_view>

CALLGATE_BEGIN_NAMESPACE

/// How much a line of the log matters.
enum class LogLevel : std::int32_t {
    error = CALLGATE_LOG_ERROR,
    warning = CALLGATE_LOG_WARNING,
    info = CALLGATE_LOG_INFO,
    debug = CALLGATE_LOG_DEBUG,
};

/// Takes a line of the log. It runs on any thread and on several at once, must not wait, and what it throws is
/// dropped.
using Log = std::function<void(LogLevel, std::string_view)>;

namespace detail {

/// The trampoline of logs.
inline void log(void* user_data, callgate_log_level level, const char* message, std::size_t length) noexcept {
    try {
        (*static_cast<const Log*>(user_data))(LogLevel(level), {message, length});
    } catch (...) {
        // There is no one left to tell.
    }
}

} // namespace detail
CALLGATE_END_NAMESPACE
