/// The settings that the objects of one host or client share.
#pragma once

#include <callgate/exceptions.hpp>
#include <callgate/log.hpp>
#include <callgate/version.hpp>

#include <memory>
#include <string>

CALLGATE_BEGIN_NAMESPACE
namespace detail {

struct Context {
    Exceptions exceptions{};
    Log log{};

    /// Logs the exception that a handler of the program throws, which nothing else reports.
    void report(const char* what) const noexcept {
        try {
            if (log)
                log(LogLevel::error, std::string(what) + " threw " + current());
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
