// Programs that exit while calls run, with static hosts and clients.
#include "support.hpp"

TEST_CASE("a program exits with its own status, from main, a delegate and a callback") {
    for (const std::string from : {"main", "Exit", "ExitInCallback"}) {
        for (int i = 0; i < 5; i++) {
            CAPTURE(from);
            Process process("test_exiting", {unique_pipe(), from});
            CHECK(process.finish() == "");
            CHECK(process.exit_code() == 7);
        }
    }
}
