// Refused: private
#include <callgate/callgate.hpp>

callgate::Host take(callgate::detail::HostHandle handle) {
    return callgate::Host(std::move(handle), callgate::detail::SharedContext());
}
