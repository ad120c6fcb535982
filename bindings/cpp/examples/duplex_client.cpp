// A client with a callback: while its call of ICalculator.Sum runs, the host reports the progress to its IProgress.
//
//     duplex_client pipe://calculator
#include <callgate/callgate.hpp>

#include <cmath>
#include <cstdint>
#include <iostream>

// Serves IProgress on a Callgate thread, while main() waits for its own call.
static void report(double fraction) {
    std::cout << "progress: " << std::lround(100 * fraction) << "%\n";
}

int main(int argc, char** argv) {
    if (argc != 2) {
        std::cerr << "usage: " << argv[0] << " ENDPOINT\n";
        return 2;
    }
    try {
        auto client = callgate::Client::builder(argv[1])
                          .callback_handler("IProgress", callgate::Delegate().method("Report", report))
                          .connect();
        const auto sum = client.proxy("ICalculator").call<std::int64_t>("Sum", 100);
        std::cout << "Sum: " << sum << "\n";
    } catch (const callgate::error& error) {
        std::cout << error.what() << "\n";
        return 1;
    }
    return 0;
}
