/// Calls that are started, and waited for later.
#pragma once

#include <callgate/cancel_token.hpp>
#include <callgate/detail/access.hpp>
#include <callgate/detail/awaiter.hpp>
#include <callgate/detail/started.hpp>
#include <callgate/expected.hpp>
#include <callgate/version.hpp>

#include <chrono>
#include <future>
#include <memory>
#include <utility>

CALLGATE_BEGIN_NAMESPACE
/// The outcome to come of a call that was started. Dropping it neither waits nor withdraws the call.
template <class T>
class [[nodiscard]] Future {
public:
    /// A future of nothing.
    Future() noexcept = default;

    /// Whether there is an outcome to get: there is none after get() and then().
    bool valid() const noexcept { return started_ != nullptr; }

    /// Waits for the outcome and gives it: the result, or what the call throws. Once.
    T get() {
        const auto started = take();
        return started->template take<T>();
    }

    /// The same without throwing what the call has failed with.
    Expected<T> try_get() {
        const auto started = take();
        return started->template try_take<T>();
    }

#ifdef CALLGATE_HAS_COROUTINES
    /// In C++20: `co_await proxy.start<int>("Add", 1, 2)` gives what get() does, and holds no thread meanwhile. The
    /// coroutine goes on on a thread of Callgate, where it may wait; it must not be destroyed before.
    auto operator co_await() && { return detail::Awaiter<T>(take()); }
#endif

    /// Waits until there is an outcome.
    void wait() const { live().wait(); }

    /// Waits for so long at most; gives whether there is an outcome.
    template <class Rep, class Period>
    bool wait_for(std::chrono::duration<Rep, Period> timeout) const {
        return live().wait_for(timeout);
    }

    /// Withdraws the call, and whatever else has the cancel token that was given to it.
    void cancel() const {
        live();
        token_->cancel();
    }

    /// Gives the future to a function once get() would not wait: on a thread of Callgate's, or at once on this
    /// one. The function may wait; what it throws is logged.
    template <class Next>
    void then(Next next) {
        const auto started = take();
        auto kept = std::make_shared<Next>(std::move(next));
        auto token = std::make_shared<CancelToken>(*token_);
        started->then([kept, token, weak = std::weak_ptr<detail::Started>(started)] {
            (*kept)(Future(weak.lock(), *token));
        });
    }

private:
    friend struct detail::Access;

    Future(std::shared_ptr<detail::Started> started, CancelToken token)
        : started_(std::move(started)), token_(std::make_unique<CancelToken>(std::move(token))) {}

    detail::Started& live() const {
        if (!started_)
            throw std::future_error(std::future_errc::no_state);
        return *started_;
    }

    std::shared_ptr<detail::Started> take() {
        live();
        return std::move(started_);
    }

    std::shared_ptr<detail::Started> started_;
    std::unique_ptr<CancelToken> token_;
};

CALLGATE_END_NAMESPACE
