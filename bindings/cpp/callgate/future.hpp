/// Started calls.
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
/// The future outcome of a started call. Its destructor neither waits nor cancels the call.
template <class T>
class [[nodiscard]] Future {
public:
    /// A future without a call.
    Future() noexcept = default;

    /// Whether there is an outcome to get. False after get(), try_get() and then().
    bool valid() const noexcept { return started_ != nullptr; }

    /// Waits for the outcome: returns the result, or throws the call's error. Can be called once.
    T get() {
        const auto started = take();
        return started->template take<T>();
    }

    /// Waits for the outcome, and returns the call's error instead of throwing it. Can be called once.
    Expected<T> try_get() {
        const auto started = take();
        return started->template try_take<T>();
    }

#ifdef CALLGATE_HAS_COROUTINES
    /// In C++20, `co_await proxy.start<int>("Add", 1, 2)` gives the outcome like get(), without blocking a thread. The
    /// coroutine resumes on a Callgate thread, where it may block. It must not be destroyed before.
    auto operator co_await() && { return detail::Awaiter<T>(take()); }
#endif

    /// Waits until there is an outcome.
    void wait() const { live().wait(); }

    /// Waits until there is an outcome or the time has passed, and returns whether there is an outcome.
    template <class Rep, class Period>
    bool wait_for(std::chrono::duration<Rep, Period> timeout) const {
        return live().wait_for(timeout);
    }

    /// Cancels the call, and every other call with the same cancel token.
    void cancel() const {
        live();
        token_->cancel();
    }

    /// Calls a function with the future once get() would not wait: on a Callgate thread, or at once on this thread. The
    /// function may block. Exceptions that it throws are logged.
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
