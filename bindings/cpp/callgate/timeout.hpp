/// Timeouts.
#pragma once

#include <callgate/error.hpp>
#include <callgate/version.hpp>

#include <chrono>
#include <cstdint>
#include <limits>

CALLGATE_BEGIN_NAMESPACE

/// A timeout: a std::chrono duration, none(), or by default the default that the function documents in brackets. Zero
/// is now(). Less than a millisecond counts as one.
class Timeout {
public:
    /// The default.
    Timeout() noexcept = default;

    /// A duration. Throws invalid_argument if it is negative.
    template <class Rep, class Period>
    Timeout(std::chrono::duration<Rep, Period> duration) : milliseconds_(count(duration)) {}

    /// No limit.
    static Timeout none() noexcept { return Timeout(CALLGATE_TIMEOUT_NONE); }

    /// Do not wait.
    static Timeout now() noexcept { return Timeout(CALLGATE_TIMEOUT_NOW); }

    /// The timeout as C represents it.
    std::int64_t c_value() const noexcept { return milliseconds_; }

private:
    explicit Timeout(std::int64_t milliseconds) noexcept : milliseconds_(milliseconds) {}

    template <class Rep, class Period>
    static std::int64_t count(std::chrono::duration<Rep, Period> duration) {
        // In floating point, since the longest durations would overflow an integer.
        const auto exact = std::chrono::duration<long double, std::milli>(duration).count();
        constexpr auto most = (std::numeric_limits<std::int64_t>::max)();
        if (!(exact >= 0))
            throw invalid_argument("a timeout must not be negative");
        if (exact == 0)
            return CALLGATE_TIMEOUT_NOW;
        if (exact >= static_cast<long double>(most))
            return most;
        return exact < 1 ? 1 : static_cast<std::int64_t>(exact);
    }

    std::int64_t milliseconds_ = CALLGATE_TIMEOUT_DEFAULT;
};

CALLGATE_END_NAMESPACE
