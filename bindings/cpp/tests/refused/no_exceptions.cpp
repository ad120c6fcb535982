// Flags: -fno-exceptions
// Refused: Callgate needs exceptions
#include <callgate/callgate.hpp>
