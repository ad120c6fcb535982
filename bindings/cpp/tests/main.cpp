#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <unistd.h>

// Ends the program, which then fails, if a test hangs.
constexpr unsigned limit_in_seconds = 240;

int main(int argc, char** argv) {
    alarm(limit_in_seconds);
    return doctest::Context(argc, argv).run();
}
