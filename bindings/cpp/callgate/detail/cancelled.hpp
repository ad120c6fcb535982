/// The trampoline of functions that run when the caller of an inbound call stops waiting.
#pragma once

#include <callgate/detail/failures.hpp>
#include <callgate/detail/handle.hpp>
#include <callgate/version.hpp>

#include <cstdint>
#include <memory>
#include <utility>

CALLGATE_BEGIN_NAMESPACE
namespace detail {

template <class F>
struct CancelledData {
    F function;
    SharedContext context;

    static void run(void* user_data) noexcept {
        auto& data = *static_cast<CancelledData*>(user_data);
        try {
            data.function();
        } catch (...) {
            data.context->report("a function registered with on_cancelled()");
        }
    }
};

template <class F>
void on_cancelled(callgate_call* call, F function, SharedContext context) {
    using Data = CancelledData<F>;
    auto data = std::make_unique<Data>(Data{std::move(function), std::move(context)});
    // C releases it, even if the function fails.
    check(callgate_call_on_cancelled, call, Data::run, static_cast<void*>(data.release()), release<Data>,
          static_cast<std::uint64_t*>(nullptr));
}

} // namespace detail
CALLGATE_END_NAMESPACE
