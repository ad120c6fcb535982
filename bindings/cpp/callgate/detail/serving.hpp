/// The trampolines of delegates and factories.
#pragma once

#include <callgate/connection.hpp>
#include <callgate/delegate.hpp>
#include <callgate/detail/context.hpp>
#include <callgate/detail/refusals.hpp>
#include <callgate/version.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

CALLGATE_BEGIN_NAMESPACE
namespace detail {

using SharedDelegate = std::shared_ptr<const Delegate>;

/// The user data of a delegate.
struct Serving {
    SharedDelegate delegate;
    SharedContext context;

    static void invoke(void* user_data, callgate_call* call) noexcept {
        const auto& serving = *static_cast<const Serving*>(user_data);
        serving.delegate->serve(call, serving.context);
    }
};

/// Creates the delegate of an interface, or returns NULL.
using Factory = std::function<SharedDelegate(const std::string&, const Connection&)>;
using DuplexFactory = std::function<SharedDelegate(Proxy, const Connection&)>;

inline void describe(callgate_delegate* place, SharedDelegate made, const SharedContext& context) {
    if (!made)
        return;
    place->user_data = new Serving{std::move(made), context};
    place->user_data_free = release<Serving>;
    place->invoke = Serving::invoke;
}

/// The user data of a delegate factory.
struct FactoryData {
    Factory factory;
    SharedContext context;

    static callgate_status make(void* user_data, const char* interface_name, callgate_connection* connection,
                                callgate_delegate* delegate, callgate_error** error) noexcept {
        const auto& data = *static_cast<const FactoryData*>(user_data);
        try {
            const Connection kept = keep(connection, data.context);
            describe(delegate, data.factory(interface_name, kept), data.context);
            return CALLGATE_STATUS_OK;
        } catch (...) {
            // Without a delegate, the method has not run.
            return refuse(error, *data.context, Execution::not_run);
        }
    }
};

/// The user data of a duplex delegate factory.
struct DuplexFactoryData {
    DuplexFactory factory;
    SharedContext context;

    static callgate_status make(void* user_data, callgate_connection* connection, callgate_proxy* callback,
                                callgate_delegate* delegate, callgate_error** error) noexcept {
        const auto& data = *static_cast<const DuplexFactoryData*>(user_data);
        try {
            const Connection kept = keep(connection, data.context);
            describe(delegate, data.factory(keep(callback, data.context), kept), data.context);
            return CALLGATE_STATUS_OK;
        } catch (...) {
            return refuse(error, *data.context, Execution::not_run);
        }
    }
};

/// Shares a delegate; NULL if the factory returned none.
inline SharedDelegate shared(Delegate delegate) {
    return std::make_shared<const Delegate>(std::move(delegate));
}

inline SharedDelegate shared(std::optional<Delegate> delegate) {
    return delegate ? shared(std::move(*delegate)) : nullptr;
}

/// Calls a function with the first arguments, as many as it takes.
template <class Function, class First, class Second>
decltype(auto) call_with_some(Function& function, First&& first, Second&& second) {
    if constexpr (std::is_invocable_v<Function&, First, Second>)
        return function(std::forward<First>(first), std::forward<Second>(second));
    else
        return function(std::forward<First>(first));
}

} // namespace detail
CALLGATE_END_NAMESPACE
