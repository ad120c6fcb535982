/// The trampoline of initialisation routines.
#pragma once

#include <callgate/detail/context.hpp>
#include <callgate/detail/refusals.hpp>
#include <callgate/proxy.hpp>
#include <callgate/version.hpp>

#include <functional>
#include <memory>
#include <utility>

CALLGATE_BEGIN_NAMESPACE
namespace detail {

/// The user data of an initialisation routine.
struct Initialisation {
    std::function<void(const Proxy&)> routine;
    SharedContext context;

    static callgate_status run(void* user_data, callgate_proxy* proxy, callgate_error** error) noexcept {
        const auto& data = *static_cast<const Initialisation*>(user_data);
        try {
            data.routine(keep(proxy, data.context));
            return CALLGATE_STATUS_OK;
        } catch (...) {
            return refuse(error, *data.context, Execution::ran, Keep::all);
        }
    }
};

} // namespace detail
CALLGATE_END_NAMESPACE
