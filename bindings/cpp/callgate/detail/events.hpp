/// The trampolines of connection handlers.
#pragma once

#include <callgate/connection.hpp>
#include <callgate/detail/failures.hpp>
#include <callgate/version.hpp>

#include <functional>
#include <memory>
#include <utility>

CALLGATE_BEGIN_NAMESPACE

/// Called with a connection that has begun.
using Connected = std::function<void(const Connection&)>;
/// Called with a connection that has ended, and the reason.
using Disconnected = std::function<void(const Connection&, const error&)>;

namespace detail {

struct ConnectedData {
    Connected handler;
    SharedContext context;

    static void tell(void* user_data, callgate_connection* connection) noexcept {
        const auto& data = *static_cast<const ConnectedData*>(user_data);
        try {
            data.handler(keep(connection, data.context));
        } catch (...) {
            data.context->report("a connected handler");
        }
    }
};

struct DisconnectedData {
    Disconnected handler;
    SharedContext context;

    static void tell(void* user_data, callgate_connection* connection, const callgate_error* reason) noexcept {
        const auto& data = *static_cast<const DisconnectedData*>(user_data);
        try {
            const Connection kept = keep(connection, data.context);
            try {
                raise(failure_of(callgate_error_status(reason), reason));
            } catch (const error& why) {
                data.handler(kept, why);
            }
        } catch (...) {
            data.context->report("a disconnected handler");
        }
    }
};

/// Calls a C function that takes a callback after the other arguments, with this user data.
template <class Data, class Function, class... Before>
void add(Data data, Function* function, Before... before) {
    auto kept = std::make_unique<Data>(std::move(data));
    // C releases it, even if the function fails.
    check(function, before..., static_cast<void*>(kept.release()), release<Data>);
}

} // namespace detail
CALLGATE_END_NAMESPACE
