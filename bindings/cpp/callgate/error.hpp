/// The exceptions.
#pragma once

#include <callgate/version.hpp>

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

CALLGATE_BEGIN_NAMESPACE

/// Why an operation failed. Later versions may add numbers: handle unknown ones.
enum class Status : std::int32_t {
    ok = CALLGATE_STATUS_OK,
    remote_error = CALLGATE_STATUS_REMOTE_ERROR,
    contract_mismatch = CALLGATE_STATUS_CONTRACT_MISMATCH,
    channel_faulted = CALLGATE_STATUS_CHANNEL_FAULTED,
    timed_out = CALLGATE_STATUS_TIMED_OUT,
    cancelled = CALLGATE_STATUS_CANCELLED,
    closed = CALLGATE_STATUS_CLOSED,
    initialisation_failed = CALLGATE_STATUS_INITIALISATION_FAILED,
    limit_exceeded = CALLGATE_STATUS_LIMIT_EXCEEDED,
    access_denied = CALLGATE_STATUS_ACCESS_DENIED,
    would_deadlock = CALLGATE_STATUS_WOULD_DEADLOCK,
    unsupported = CALLGATE_STATUS_UNSUPPORTED,
    invalid_argument = CALLGATE_STATUS_INVALID_ARGUMENT,
    invalid_handle = CALLGATE_STATUS_INVALID_HANDLE,
    address_in_use = CALLGATE_STATUS_ADDRESS_IN_USE,
    internal = CALLGATE_STATUS_INTERNAL,
    forked = CALLGATE_STATUS_FORKED,
};

/// Whether the delegate of a failed call ran. The status never implies it.
enum class Execution : std::int32_t {
    /// It did not run: calling again is safe.
    not_run = CALLGATE_EXECUTION_NOT_RUN,
    /// It ran.
    ran = CALLGATE_EXECUTION_RAN,
    /// The call may have been sent; whether it ran is unknown.
    unknown = CALLGATE_EXECUTION_UNKNOWN,
};

class error;

/// The parts of an error.
struct ErrorParts {
    Status status = Status::internal;
    Execution execution = Execution::not_run;
    std::string message{};
    /// The operating system's error code (errno), or 0.
    std::int32_t os_code = 0;
    /// The error that caused this one, or NULL.
    std::shared_ptr<const error> cause{};
};

/// Why an operation failed. what() says what went wrong and how to fix it.
class error : public std::runtime_error {
public:
    explicit error(ErrorParts parts)
        : error(parts.message, std::make_shared<const ErrorParts>(parts)) {}

    Status status() const noexcept { return parts_->status; }
    Execution execution() const noexcept { return parts_->execution; }

    /// Whether the call ran, or may have run: unless it is false, calling again may run it twice.
    bool may_have_run() const noexcept { return parts_->execution != Execution::not_run; }

    /// What went wrong, in words. A remote error's message comes from the peer unchanged.
    const std::string& message() const noexcept { return parts_->message; }

    /// The operating system's error code (errno), or 0.
    std::int32_t os_code() const noexcept { return parts_->os_code; }

    /// The error that caused this one, or NULL. It lives as long as this one.
    const error* cause() const noexcept { return parts_->cause.get(); }

protected:
    error(const std::string& what, std::shared_ptr<const ErrorParts> parts)
        : std::runtime_error(what), parts_(std::move(parts)) {}

private:
    // Shared, so that copying an exception cannot throw.
    std::shared_ptr<const ErrorParts> parts_;
};

namespace detail {

/// The class of the errors with one status.
template <class Base, Status status>
class error_of : public Base {
public:
    explicit error_of(ErrorParts parts) : Base(std::move(parts)) {}

    explicit error_of(std::string message, Execution execution = Execution::not_run)
        : Base(ErrorParts{status, execution, std::move(message), 0, nullptr}) {}
};

} // namespace detail

/// The interface or method does not exist, or the arguments or the result do not match. A delegate may throw one to
/// reject its arguments.
class contract_mismatch : public detail::error_of<error, Status::contract_mismatch> {
    using error_of::error_of;
};

/// No connection in time, or the connection was refused or lost.
class channel_faulted : public detail::error_of<error, Status::channel_faulted> {
    using error_of::error_of;
};

/// The deadline passed.
class timed_out : public detail::error_of<channel_faulted, Status::timed_out> {
    using error_of::error_of;
};

/// The client, host or connection was closed by its owner, on either side.
class closed : public detail::error_of<channel_faulted, Status::closed> {
    using error_of::error_of;
};

/// The caller cancelled the call.
class cancelled : public detail::error_of<error, Status::cancelled> {
    using error_of::error_of;
};

/// An initialisation routine failed; cause() says why.
class initialisation_failed : public detail::error_of<error, Status::initialisation_failed> {
    using error_of::error_of;
};

/// A limit would be exceeded; the message names it.
class limit_exceeded : public detail::error_of<error, Status::limit_exceeded> {
    using error_of::error_of;
};

/// The peer or the operating system denies access.
class access_denied : public detail::error_of<error, Status::access_denied> {
    using error_of::error_of;
};

/// Waiting would deadlock: what is waited for depends on this thread.
class would_deadlock : public detail::error_of<error, Status::would_deadlock> {
    using error_of::error_of;
};

/// This version of the library, or the peer's, cannot do it.
class unsupported : public detail::error_of<error, Status::unsupported> {
    using error_of::error_of;
};

/// An argument is invalid; the message says what is valid.
class invalid_argument : public detail::error_of<error, Status::invalid_argument> {
    using error_of::error_of;
};

/// The object is no longer valid, e.g. because it was moved from.
class invalid_handle : public detail::error_of<error, Status::invalid_handle> {
    using error_of::error_of;
};

/// Another host already listens on this endpoint.
class address_in_use : public detail::error_of<error, Status::address_in_use> {
    using error_of::error_of;
};

/// A bug in Callgate.
class internal_error : public detail::error_of<error, Status::internal> {
    using error_of::error_of;
};

/// The object was created before a fork and belongs to the parent process.
class forked : public detail::error_of<error, Status::forked> {
    using error_of::error_of;
};

CALLGATE_END_NAMESPACE
