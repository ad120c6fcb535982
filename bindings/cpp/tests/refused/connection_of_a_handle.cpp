// Refused: private
#include <callgate/callgate.hpp>

callgate::Connection take(callgate::detail::ConnectionHandle handle) {
    return callgate::Connection(std::move(handle), callgate::detail::SharedContext());
}
