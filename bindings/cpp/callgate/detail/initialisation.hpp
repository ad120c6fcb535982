/// The trampoline of initialisation routines.
#pragma once

#include <callgate/detail/context.hpp>
#include <callgate/detail/refusals.hpp>
#include <callgate/proxy.hpp>

#include <functional>
#include <memory>
#include <utility>

namespace callgate::detail {

/// The user data of a proxy that is initialised.
struct Initialisation {
    std::function<void(const Proxy&)> routine;
    SharedContext context;

    static callgate_status run(void* user_data, callgate_proxy* proxy, callgate_error** error) noexcept {
        const auto& data = *static_cast<const Initialisation*>(user_data);
        try {
            callgate_proxy* clone = nullptr;
            check(callgate_proxy_clone, static_cast<const callgate_proxy*>(proxy), &clone);
            ProxyHandle handle(clone);
            data.routine({std::move(handle), std::make_shared<const Translation>(Translation{data.context, {}})});
            return CALLGATE_STATUS_OK;
        } catch (...) {
            return refuse(error, *data.context, Execution::ran, Keep::all);
        }
    }
};

} // namespace callgate::detail
