// Refused: nodiscard
#include <callgate/callgate.hpp>

// The call would fail for its caller.
void serve(callgate::Call& call) {
    call.defer();
}
