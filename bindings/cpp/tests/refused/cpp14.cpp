// Flags: -std=c++14
// Refused: Callgate needs C++17
#include <callgate/callgate.hpp>
