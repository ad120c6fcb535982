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
                log(LogLevel::warning, std::to_string(left_out) + " more failed handlers were not logged");
            log(LogLevel::error, one_line(what + (" threw " + current())));
        } catch (...) {
            // Nothing can report it.
        }
    }

private:
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
