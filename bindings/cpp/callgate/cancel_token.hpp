/// Cancelling calls.
#pragma once

#include <callgate/detail/failures.hpp>
#include <callgate/version.hpp>

#include <memory>

CALLGATE_BEGIN_NAMESPACE

/// Cancels calls from another thread: put it into the options of calls, then cancel it. The calls throw cancelled at
/// once, and their delegates can notice (Call::is_cancelled). Any number of calls and threads may share a token; copies
/// are the same token. A cancelled token stays cancelled.
class CancelToken {
public:
    CancelToken() : handle_(make()) {}

    /// Cancels all calls that use the token, now and later. Never waits; cancelling twice does no harm.
    void cancel() const { detail::check(callgate_cancel_token_cancel, handle_.get()); }

    bool is_cancelled() const noexcept { return callgate_cancel_token_is_cancelled(handle_.get()); }

    /// The C handle, borrowed.
    const callgate_cancel_token* c_handle() const noexcept { return handle_.get(); }

private:
    static std::shared_ptr<callgate_cancel_token> make() {
        detail::check_library();
        callgate_cancel_token* made = nullptr;
        detail::check(callgate_cancel_token_new, &made);
        return detail::TokenHandle(made);
    }

    std::shared_ptr<callgate_cancel_token> handle_;
};

CALLGATE_END_NAMESPACE
