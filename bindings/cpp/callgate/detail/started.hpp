/// The outcome of a started call.
#pragma once

#include <callgate/detail/access.hpp>
#include <callgate/detail/failures.hpp>
#include <callgate/expected.hpp>
#include <callgate/value.hpp>
#include <callgate/version.hpp>

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

CALLGATE_BEGIN_NAMESPACE
namespace detail {

/// Decodes a result; returns an error if that fails.
template <class T>
Expected<T> try_decode(const char* method, const char* data, std::size_t size, const SharedTranslation& translation) {
    try {
        if constexpr (std::is_void_v<T>)
            return Expected<T>(std::monostate());
        else
            return Expected<T>(decode_result<T>(method, data, size));
    } catch (const contract_mismatch& refused) {
        return Access::make<Expected<T>>(failure_of(refused), translation);
    }
}

/// The outcome of a started call: Callgate sets it once, and the program takes it once.
class Started {
public:
    Started(SharedTranslation translation, std::string method)
        : translation_(std::move(translation)), method_(std::move(method)) {}

    /// The trampoline of completions. The user data is a std::shared_ptr<Started>.
    static void complete(void* user_data, callgate_status status, const callgate_buffer* reply,
                         const callgate_error* failure) noexcept {
        const auto started = *static_cast<std::shared_ptr<Started>*>(user_data);
        std::vector<char> bytes;
        std::optional<Failure> failed;
        try {
            if (status != CALLGATE_STATUS_OK) {
                failed = failure_of(status, failure);
            } else {
                const char* data = static_cast<const char*>(reply->data);
                bytes.assign(data, data + reply->length);
            }
        } catch (...) {
            started->thrown_ = std::current_exception(); // Out of memory.
        }
        started->finish(std::move(bytes), std::move(failed));
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
        settle();
        if (failed_)
            raise(*failed_, translation_);
        return decode_result<T>(method_.c_str(), reply_.data(), reply_.size());
    }

    template <class T>
    Expected<T> try_take() {
        settle();
        if (failed_)
            return Access::make<Expected<T>>(*failed_, translation_);
        return try_decode<T>(method_.c_str(), reply_.data(), reply_.size(), translation_);
    }

    /// Calls a function once there is an outcome; at once if there already is one.
    void then(const std::function<void()>& next) {
        if (!run_when_done(next))
            run(next);
    }

    /// Calls a function when there will be an outcome; does nothing and returns false if there already is one.
    bool run_when_done(std::function<void()> next) {
        const std::lock_guard<std::mutex> lock(mutex_);
        if (!is_done_)
            next_ = std::move(next);
        return !is_done_;
    }

private:
    void settle() {
        wait();
        if (thrown_)
            std::rethrow_exception(thrown_);
    }

    void finish(std::vector<char> reply, std::optional<Failure> failed) noexcept {
        std::function<void()> next;
        {
            const std::lock_guard<std::mutex> lock(mutex_);
            reply_ = std::move(reply);
            failed_ = std::move(failed);
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
            translation_->context->report("a function passed to Future::then()");
        }
    }

    const SharedTranslation translation_;
    const std::string method_;
    std::mutex mutex_;
    std::condition_variable done_;
    bool is_done_ = false;
    std::vector<char> reply_;
    std::optional<Failure> failed_;
    std::exception_ptr thrown_;
    std::function<void()> next_;
};

} // namespace detail
CALLGATE_END_NAMESPACE
