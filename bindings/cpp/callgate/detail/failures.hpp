/// Errors of the C library made into exceptions.
#pragma once

#include <callgate/detail/context.hpp>
#include <callgate/detail/handle.hpp>
#include <callgate/detail/text.hpp>
#include <callgate/remote_error.hpp>
#include <callgate/version.hpp>

#include <functional>
#include <memory>
#include <string>
#include <utility>

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

/// Throws the exception of a status and its error, which may be NULL.
[[noreturn]] inline void raise(callgate_status status, const callgate_error* failure) {
    if (status == CALLGATE_STATUS_REMOTE_ERROR)
        throw remote_error_of(failure);
    ErrorParts parts = parts_of(status, failure);
    switch (parts.status) {
    case Status::contract_mismatch: throw contract_mismatch(std::move(parts));
    case Status::channel_faulted: throw channel_faulted(std::move(parts));
    case Status::timed_out: throw timed_out(std::move(parts));
    case Status::cancelled: throw cancelled(std::move(parts));
    case Status::closed: throw closed(std::move(parts));
    case Status::initialisation_failed: throw initialisation_failed(std::move(parts));
    case Status::limit_exceeded: throw limit_exceeded(std::move(parts));
    case Status::access_denied: throw access_denied(std::move(parts));
    case Status::would_deadlock: throw would_deadlock(std::move(parts));
    case Status::unsupported: throw unsupported(std::move(parts));
    case Status::invalid_argument: throw invalid_argument(std::move(parts));
    case Status::invalid_handle: throw invalid_handle(std::move(parts));
    case Status::address_in_use: throw address_in_use(std::move(parts));
    case Status::internal: throw internal_error(std::move(parts));
    case Status::forked: throw forked(std::move(parts));
    default: throw error(std::move(parts));
    }
}

/// Calls a function of C whose last parameter is the place of an error; throws that.
template <class... Parameters, class... Arguments>
void check(callgate_status (*function)(Parameters...), Arguments... arguments) {
    callgate_error* failure = nullptr;
    if (const callgate_status status = function(arguments..., &failure)) {
        const ErrorHandle owner(failure);
        raise(status, failure);
    }
}

/// Throws unsupported where the library that was loaded has another binary interface than these headers.
inline void check_library() {
    if (callgate_abi_version() != CALLGATE_ABI_VERSION)
        throw unsupported("this program was compiled for binary interface " + std::to_string(CALLGATE_ABI_VERSION)
                          + " of libcallgate, and has loaded version " + callgate_version() + ", which has "
                          + std::to_string(callgate_abi_version()) + ": compile it with that version's headers");
}

/// What the failures of a proxy's calls are thrown as.
struct Translation {
    SharedContext context;
    /// Throws in place of a channel_faulted, or is empty.
    std::function<void(const channel_faulted&)> faulted{};

    [[noreturn]] void raise(callgate_status status, const callgate_error* failure) const {
        try {
            detail::raise(status, failure);
        } catch (const channel_faulted& original) {
            if (faulted)
                faulted(original);
            throw;
        } catch (const remote_error& original) {
            if (context)
                context->exceptions.rethrow(original);
            throw;
        }
    }
};

using SharedTranslation = std::shared_ptr<const Translation>;

} // namespace detail
CALLGATE_END_NAMESPACE
