/// Awaiting calls in coroutines, if the compiler supports them.
#pragma once

#include <callgate/detail/started.hpp>
#include <callgate/version.hpp>

#if defined(__cpp_impl_coroutine) && __has_include(<coroutine>)
#define CALLGATE_HAS_COROUTINES 1

#include <coroutine>
#include <memory>
#include <utility>

CALLGATE_BEGIN_NAMESPACE
namespace detail {

/// The awaiter of a started call.
template <class T>
class Awaiter {
public:
    explicit Awaiter(std::shared_ptr<Started> started) : started_(std::move(started)) {}

    bool await_ready() const noexcept { return false; }

    /// False if there already is an outcome: then the coroutine continues at once, on its own thread.
    bool await_suspend(std::coroutine_handle<> waiting) {
        return started_->run_when_done([waiting] { waiting.resume(); });
    }

    T await_resume() { return started_->template take<T>(); }

private:
    std::shared_ptr<Started> started_;
};

} // namespace detail
CALLGATE_END_NAMESPACE

#endif
