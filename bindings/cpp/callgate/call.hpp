/// Inbound calls, and deferred replies.
#pragma once

#include <callgate/call_options.hpp>
#include <callgate/connection.hpp>
#include <callgate/detail/access.hpp>
#include <callgate/detail/cancelled.hpp>
#include <callgate/detail/refusals.hpp>
#include <callgate/timeout.hpp>
#include <callgate/value.hpp>
#include <callgate/version.hpp>

#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

CALLGATE_BEGIN_NAMESPACE
namespace detail {

/// Replies with a result. Throws if it cannot be encoded.
template <class T>
void reply(callgate_call* call, const T& result) {
    Bytes bytes;
    try {
        bytes = packed("the result", [&](msgpack::packer<Bytes>& packer) { pack_one(packer, result); });
        check(callgate_check_value, static_cast<const void*>(bytes.data()), bytes.size());
    } catch (const invalid_argument& refused) {
        throw contract_mismatch("the result: " + refused.message(), Execution::ran);
    }
    // An error is ignored: if the reply cannot be sent, the caller already has its own error.
    callgate_call_reply(call, bytes.data(), bytes.size(), nullptr);
}

/// Replies with the exception that is being handled.
inline void fail(callgate_call* call, const Context& context, Execution execution) noexcept {
    const ErrorHandle failure = refusal(context, execution);
    callgate_call_fail_with(call, failure.get(), nullptr);
}

} // namespace detail

class DeferredCall;

/// A call that a method is serving. A method gets it by taking a `Call&` as its first parameter. It is valid until the
/// method returns, or until a deferred reply.
class Call {
public:
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;

    /// The interface's name, as the caller's proxy spells it.
    std::string_view interface_name() const noexcept { return detail::text(callgate_call_interface, c_call()); }

    std::string_view method() const noexcept { return detail::text(callgate_call_method, c_call()); }

    /// The signature that distinguishes overloads of a method, or "".
    std::string_view signature() const noexcept { return detail::text(callgate_call_signature, c_call()); }

    /// Whether this is a one-way call, which gets no reply.
    bool is_one_way() const noexcept { return callgate_call_is_one_way(call_); }

    /// How long the caller will still wait; empty if it waits without limit.
    std::optional<std::chrono::milliseconds> time_left() const noexcept {
        const std::int64_t left = callgate_call_time_left_ms(call_);
        if (left == CALLGATE_TIMEOUT_NONE)
            return std::nullopt;
        return std::chrono::milliseconds(left < 0 ? 0 : left);
    }

    /// Whether the caller no longer waits: it cancelled the call, the deadline passed, or the connection ended. The
    /// method may then stop early: the caller gets cancelled or timed_out, never its result.
    bool is_cancelled() const noexcept { return callgate_call_is_cancelled(call_); }

    /// Waits until is_cancelled() is true, and returns whether it is [no limit].
    bool wait_cancelled(Timeout timeout = {}) const noexcept {
        return callgate_call_wait_cancelled(call_, timeout.c_value());
    }

    /// Runs a function when the caller stops waiting; soon, if it has stopped already. The function runs at most once,
    /// on a Callgate thread. It may block, and it does not start after the reply. Exceptions that it throws are logged.
    /// A one-way call is cancelled only by the end of its connection. Throws limit_exceeded if no thread can be started
    /// to watch the deadline.
    template <class F>
    void on_cancelled(F function) const {
        detail::on_cancelled(call_, std::move(function), context_);
    }

    /// The metadata that the caller sent: keys and values.
    std::vector<std::pair<std::string, std::string>> metadata() const {
        std::vector<std::pair<std::string, std::string>> entries;
        for (std::size_t i = 0; i < callgate_call_metadata_count(call_); i++)
            entries.emplace_back(detail::text(callgate_call_metadata_key, c_call(), i),
                                 detail::text(callgate_call_metadata_value, c_call(), i));
        return entries;
    }

    /// The connection that the call came on.
    Connection connection() const { return detail::keep(callgate_call_connection(call_), context_); }

    /// The arguments, one MessagePack array, converted to a type such as a tuple. Throws contract_mismatch if they do
    /// not match.
    template <class T = Value>
    T arguments() const {
        std::size_t length = 0;
        const void* data = callgate_call_arguments(call_, &length);
        return detail::decode<T>(static_cast<const char*>(data), length);
    }

    /// Defers the reply: the method may return, and its result is not sent.
    DeferredCall defer();

    /// Whether the reply was deferred.
    bool is_deferred() const noexcept { return is_deferred_; }

private:
    friend struct detail::Access;

    Call(callgate_call* borrowed, const detail::SharedContext& context) : call_(borrowed), context_(context) {}

    const callgate_call* c_call() const noexcept { return call_; }

    callgate_call* call_;
    const detail::SharedContext& context_;
    bool is_deferred_ = false;
};

/// A call whose reply is sent later, once, from any thread. If it is destroyed without a reply, the caller gets an
/// error. A method gets it from Call::defer(), or by taking a DeferredCall as its first parameter and returning void.
class [[nodiscard]] DeferredCall {
public:
    DeferredCall(DeferredCall&&) noexcept = default;
    DeferredCall& operator=(DeferredCall&&) noexcept = default;

    /// Replies with nil. Like every reply, it does nothing if the call already has one.
    void reply() const { callgate_call_reply(handle_.get(), nullptr, 0, nullptr); }

    /// Replies with a result. If it cannot be encoded, throws contract_mismatch and sends no reply.
    template <class T>
    void reply(const T& result) const {
        detail::reply(handle_.get(), result);
    }

    /// Replies with an exception, as if the method had thrown it.
    template <class E>
    void fail(const E& failure) const {
        if constexpr (std::is_same_v<E, std::exception_ptr>) {
            answer_with([&] { std::rethrow_exception(failure); });
        } else {
            answer_with([&] { throw E(failure); });
        }
    }

    /// Whether the caller no longer waits.
    bool is_cancelled() const noexcept { return callgate_call_is_cancelled(handle_.get()); }

    /// Waits until is_cancelled() is true, and returns whether it is [no limit].
    bool wait_cancelled(Timeout timeout = {}) const noexcept {
        return callgate_call_wait_cancelled(handle_.get(), timeout.c_value());
    }

    /// Like Call::on_cancelled(). Throws invalid_argument after the reply.
    template <class F>
    void on_cancelled(F function) const {
        detail::on_cancelled(handle_.get(), std::move(function), context_);
    }

private:
    friend class CallOptions;
    friend struct detail::Access;

    DeferredCall(std::shared_ptr<callgate_call> handle, detail::SharedContext context)
        : handle_(std::move(handle)), context_(std::move(context)) {}

    template <class Throw>
    void answer_with(Throw throw_it) const noexcept {
        try {
            throw_it();
        } catch (...) {
            detail::fail(handle_.get(), *context_, Execution::ran);
        }
    }

    std::shared_ptr<callgate_call> handle_;
    detail::SharedContext context_;
};

inline CallOptions& CallOptions::parent(const DeferredCall& call) {
    parent_ = call.handle_;
    return *this;
}

inline DeferredCall Call::defer() {
    callgate_call* made = nullptr;
    detail::check(callgate_call_defer, call_, &made);
    is_deferred_ = true;
    return detail::Access::make<DeferredCall>(detail::DeferredHandle(made), context_);
}

CALLGATE_END_NAMESPACE
