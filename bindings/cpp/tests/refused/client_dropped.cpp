// Refused: nodiscard
#include <callgate/callgate.hpp>

void connect() {
    callgate::Client::connect("pipe://calculator");
}
