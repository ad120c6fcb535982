// Refused: nodiscard
#include <callgate/callgate.hpp>

// It would be closed before the function returns.
void serve() {
    callgate::Host::builder().endpoint("pipe://calculator").start();
}
