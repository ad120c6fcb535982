#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <thread>

using namespace std::chrono_literals;

// Ends the program, which then fails, if a test hangs.
constexpr auto limit = 240s;

int main(int argc, char** argv) {
    std::thread([] {
        std::this_thread::sleep_for(limit);
        std::fputs("a test hangs\n", stderr);
        std::_Exit(1);
    }).detach();
    return doctest::Context(argc, argv).run();
}
