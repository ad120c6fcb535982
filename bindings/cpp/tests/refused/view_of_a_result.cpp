// Refused: the result would refer to bytes that are gone
#include <callgate/callgate.hpp>

std::string_view name(const callgate::Proxy& proxy) {
    return proxy.call<std::string_view>("Name");
}
