/// Calls that are started, and waited for later.
#pragma once

#include <callgate/cancel_token.hpp>
#include <callgate/detail/access.hpp>
#include <callgate/detail/failures.hpp>
#include <callgate/value.hpp>
#include <callgate/version.hpp>

#include <chrono>
#include <condition_variable>
#include <exception>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

CALLGATE_BEGIN_NAMESPACE
namespace detail {

/// The outcome of a call that was started: filled once, by Callgate, and taken once, by the program.
class Started {
public:
    Started(SharedTranslation translation, std::string method)
        : translation_(std::move(translation)), method_(std::move(method)) {}

    /// The trampoline of completions; user data is a std::shared_ptr<Started>.
    static void complete(void* user_data, callgate_status status, const callgate_buffer* reply,
                         const callgate_error* failure) noexcept {
        const auto started = *static_cast<std::shared_ptr<Started>*>(user_data);
        std::vector<char> bytes;
        std::exception_ptr thrown;
        try {
            if (status != CALLGATE_STATUS_OK)
                started->translation_->raise(status, failure);
            const char* data = static_cast<const char*>(reply->data);
            bytes.assign(data, data + reply->length);
        } catch (...) {
            thrown = std::current_exception();
        }
        started->finish(std::move(bytes), thrown);
    }

    void wait() {
        std::unique_lock<std::mutex> lock(mutex_);
        done_.wait(lock, [this] { return is_done_; });
    }

    template <class Rep, class Period>
    bool wait_for(std::chrono::duration<Rep, Period> timeout) {
        std::unique_lock<std::mutex> lock(mutex_);
        return done_.wait_for(lock, timeout, [this] { return is_done_; });
    }

    template <class T>
    T take() {
        wait();
        if (thrown_)
            std::rethrow_exception(thrown_);
        return decode_result<T>(method_.c_str(), reply_.data(), reply_.size());
    }

    /// Runs a function once there is an outcome: at once, if there is one.
    void then(std::function<void()> next) {
        {
            const std::lock_guard<std::mutex> lock(mutex_);
            if (!is_done_) {
                next_ = std::move(next);
                return;
            }
        }
        run(next);
    }

private:
    void finish(std::vector<char> reply, std::exception_ptr thrown) noexcept {
        std::function<void()> next;
        {
            const std::lock_guard<std::mutex> lock(mutex_);
            reply_ = std::move(reply);
            thrown_ = std::move(thrown);
            is_done_ = true;
            next.swap(next_);
        }
        done_.notify_all();
        run(next);
    }

    void run(const std::function<void()>& next) const noexcept {
        try {
            if (next)
                next();
        } catch (...) {
            translation_->context->report("what follows a call");
        }
    }

    const SharedTranslation translation_;
    const std::string method_;
    std::mutex mutex_;
    std::condition_variable done_;
    bool is_done_ = false;
    std::vector<char> reply_;
    std::exception_ptr thrown_;
    std::function<void()> next_;
};

} // namespace detail

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
