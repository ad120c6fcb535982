/// Creates objects from C handles.
#pragma once

#include <callgate/version.hpp>

#include <utility>

CALLGATE_BEGIN_NAMESPACE
namespace detail {

/// Creates objects whose constructors are private: programs get them from functions and have no handles.
struct Access {
    template <class T, class... Parts>
    static T make(Parts&&... parts) {
        return T(std::forward<Parts>(parts)...);
    }
};

} // namespace detail
CALLGATE_END_NAMESPACE
