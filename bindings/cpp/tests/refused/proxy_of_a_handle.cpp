// Refused: private
#include <callgate/callgate.hpp>

callgate::Proxy take(callgate::detail::ProxyHandle handle) {
    return callgate::Proxy(std::move(handle), callgate::detail::SharedTranslation());
}
