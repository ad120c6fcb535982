/// The settings that the objects of one host or client share.
#pragma once

#include <callgate/detail/log_lines.hpp>
#include <callgate/exceptions.hpp>
#include <callgate/log.hpp>
#include <callgate/version.hpp>

#include <cstdint>
#include <memory>
#include <string>

CALLGATE_BEGIN_NAMESPACE
namespace detail {

struct Context {
    Exceptions exceptions{};
    Log log{};
    std::shared_ptr<LineThrottle> throttle = std::make_shared<LineThrottle>();

    /// Logs the exception that a handler of the program throws, which nothing else reports; a few a second.
    void report(const char* what) const noexcept {
        try {
            std::uint64_t left_out = 0;
            if (!log || !throttle->passes(left_out))
                return;
            if (left_out > 0)
                write(LogLevel::warning, std::to_string(left_out) + " more failed handlers were not logged", left_out);
            write(LogLevel::error, one_line(what + (" threw " + current())), 0);
        } catch (...) {
            // Nothing can report it.
        }
    }

private:
    void write(LogLevel level, const std::string& message, std::uint64_t count) const {
        LogEvent event;
        event.level = level;
        event.target = "callgate::connection";
        event.message = message;
        event.count = known_field<std::uint64_t>(count != 0, count);
        log(event);
    }

    static std::string current() {
        try {
            throw;
        } catch (const std::exception& thrown) {
            return exception_name(typeid(thrown)) + ": " + thrown.what();
        } catch (...) {
            return current_exception_name();
        }
    }
};

using SharedContext = std::shared_ptr<const Context>;

} // namespace detail
CALLGATE_END_NAMESPACE
