// Refused: private
#include <callgate/callgate.hpp>

callgate::Client take(callgate::detail::ClientHandle handle) {
    return callgate::Client(std::move(handle), callgate::detail::SharedContext());
}
