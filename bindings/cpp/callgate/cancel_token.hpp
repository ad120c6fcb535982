/// Withdrawing calls.
#pragma once

#include <callgate/detail/failures.hpp>
#include <callgate/version.hpp>

#include <memory>

CALLGATE_BEGIN_NAMESPACE

/// Withdraws calls from another thread: give it to their options, and cancel it. They throw cancelled at once,
/// and their delegates can learn of it. Any number of calls may have it; copies are the same token, which is
/// cancelled for good.
class CancelToken {
public:
    CancelToken() : handle_(make()) {}

    /// Withdraws all calls that have it, now and later. Never waits.
    void cancel() const { detail::check(callgate_cancel_token_cancel, handle_.get()); }

    bool is_cancelled() const noexcept { return callgate_cancel_token_is_cancelled(handle_.get()); }

    /// C's handle, borrowed.
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
