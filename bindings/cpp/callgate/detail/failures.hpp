/// Converts errors of the C library to exceptions.
#pragma once

#include <callgate/detail/context.hpp>
#include <callgate/detail/handle.hpp>
#include <callgate/detail/text.hpp>
#include <callgate/remote_error.hpp>
#include <callgate/version.hpp>

#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>

CALLGATE_BEGIN_NAMESPACE
namespace detail {

inline remote_error remote_error_of(const callgate_error* failure) {
    std::size_t length = 0;
    const char* data = static_cast<const char*>(callgate_error_data(failure, &length));
    const remote_error made(std::string(text(callgate_error_type_name, failure)),
                            std::string(text(callgate_error_message, failure)),
                            std::string(text(callgate_error_trace, failure)));
    return length == 0 ? made : made.with_packed_data({data, data + length});
}

inline std::shared_ptr<const error> cause_of(const callgate_error* failure);

inline ErrorParts parts_of(callgate_status status, const callgate_error* failure) {
    return {Status(status), Execution(callgate_error_execution(failure)),
            std::string(text(callgate_error_message, failure)), callgate_error_os_code(failure), cause_of(failure)};
}

inline std::shared_ptr<const error> cause_of(const callgate_error* failure) {
    const callgate_error* cause = callgate_error_cause(failure);
    if (cause == nullptr)
        return nullptr;
    const callgate_status status = callgate_error_status(cause);
    if (status == CALLGATE_STATUS_REMOTE_ERROR)
        return std::make_shared<const remote_error>(remote_error_of(cause));
    return std::make_shared<const error>(parts_of(status, cause));
}

/// An exception that has not been thrown yet.
struct Failure {
    std::shared_ptr<const error> what;
    /// Throws it with its own type.
    void (*throw_it)(const error&);
};

template <class E>
Failure failure_of(E exception) {
    return {std::make_shared<const E>(std::move(exception)),
            [](const error& what) { throw E(static_cast<const E&>(what)); }};
}

/// The exception for a status and its error, which may be NULL.
inline Failure failure_of(callgate_status status, const callgate_error* failure) {
    if (status == CALLGATE_STATUS_REMOTE_ERROR)
        return failure_of(remote_error_of(failure));
    ErrorParts parts = parts_of(status, failure);
    switch (parts.status) {
    case Status::contract_mismatch: return failure_of(contract_mismatch(std::move(parts)));
    case Status::channel_faulted: return failure_of(channel_faulted(std::move(parts)));
    case Status::timed_out: return failure_of(timed_out(std::move(parts)));
    case Status::cancelled: return failure_of(cancelled(std::move(parts)));
    case Status::closed: return failure_of(closed(std::move(parts)));
    case Status::initialisation_failed: return failure_of(initialisation_failed(std::move(parts)));
    case Status::limit_exceeded: return failure_of(limit_exceeded(std::move(parts)));
    case Status::access_denied: return failure_of(access_denied(std::move(parts)));
    case Status::would_deadlock: return failure_of(would_deadlock(std::move(parts)));
    case Status::unsupported: return failure_of(unsupported(std::move(parts)));
    case Status::invalid_argument: return failure_of(invalid_argument(std::move(parts)));
    case Status::invalid_handle: return failure_of(invalid_handle(std::move(parts)));
    case Status::address_in_use: return failure_of(address_in_use(std::move(parts)));
    case Status::internal: return failure_of(internal_error(std::move(parts)));
    case Status::forked: return failure_of(forked(std::move(parts)));
    default: return failure_of(error(std::move(parts)));
    }
}

[[noreturn]] inline void raise(const Failure& failure) {
    failure.throw_it(*failure.what);
    std::abort(); // It has thrown.
}

/// Calls a C function whose last parameter receives an error, and throws the error.
template <class... Parameters, class... Arguments>
void check(callgate_status (*function)(Parameters...), Arguments... arguments) {
    callgate_error* failure = nullptr;
    if (const callgate_status status = function(arguments..., &failure)) {
        const ErrorHandle owner(failure);
        raise(failure_of(status, failure));
    }
}

/// Throws unsupported if the loaded library has another binary interface version than these headers.
inline void check_library() {
    if (callgate_abi_version() != CALLGATE_ABI_VERSION)
        throw unsupported("this program was compiled for binary interface version "
                          + std::to_string(CALLGATE_ABI_VERSION) + " of libcallgate, but has loaded libcallgate "
                          + callgate_version() + " with binary interface version "
                          + std::to_string(callgate_abi_version()) + ": compile it with the headers of that release");
}

/// Translates the errors of a proxy's calls to exceptions of the program.
struct Translation {
    SharedContext context;
    /// Throws an exception instead of channel_faulted, or is empty.
    std::function<void(const channel_faulted&)> faulted{};

    [[noreturn]] void raise(const Failure& failure) const {
        if (faulted)
            if (const auto* original = dynamic_cast<const channel_faulted*>(failure.what.get()))
                faulted(*original);
        if (context)
            if (const auto* original = dynamic_cast<const remote_error*>(failure.what.get()))
                context->exceptions.rethrow(*original);
        detail::raise(failure);
    }
};

using SharedTranslation = std::shared_ptr<const Translation>;

/// Throws the error of a proxy's call. A moved-from proxy has no translation.
[[noreturn]] inline void raise(const Failure& failure, const SharedTranslation& translation) {
    if (translation)
        translation->raise(failure);
    raise(failure);
}

/// The type in which a result is stored; std::monostate for void.
template <class T>
using Stored = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

} // namespace detail
CALLGATE_END_NAMESPACE
