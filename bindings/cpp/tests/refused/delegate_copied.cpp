// Refused: deleted
#include <callgate/callgate.hpp>

// It would leave the delegate empty that it takes the methods of.
void serve(callgate::Delegate& delegate) {
    auto extended = delegate.method("One", [] { return 1; });
}
