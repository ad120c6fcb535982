// Refused: nodiscard
#include <callgate/callgate.hpp>

void begin(const callgate::Proxy& proxy) {
    proxy.start<int>("Add", 1, 2);
}
