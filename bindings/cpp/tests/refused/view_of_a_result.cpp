// Refused: the result would refer to freed bytes
#include <callgate/callgate.hpp>

std::string_view name(const callgate::Proxy& proxy) {
    return proxy.call<std::string_view>("Name");
}
