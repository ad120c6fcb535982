/// What all that belongs to one host or client shares.
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

    /// Says that a handler of the program's threw, which no one else will be told.
    void report(const char* what) const noexcept {
        try {
            if (log)
                log(LogLevel::error, std::string(what) + " threw " + current());
        } catch (...) {
            // There is no one left to tell.
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
