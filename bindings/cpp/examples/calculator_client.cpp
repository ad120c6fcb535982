// A client that calls ICalculator, correctly and with mistakes.
//
//     calculator_client pipe://calculator
#include <callgate/callgate.hpp>

#include <cstdint>
#include <iostream>

// Calls a method and prints its result.
template <class... Arguments>
static void call(const callgate::Proxy& calculator, const char* method, const Arguments&... arguments) {
    std::cout << method << ": ";
    try {
        std::cout << calculator.call<std::int64_t>(method, arguments...) << "\n";
    } catch (const callgate::remote_error& error) {
        std::cout << "remote error " << error.what() << "\n";
    } catch (const callgate::contract_mismatch& error) {
        std::cout << "contract mismatch: " << error.what() << "\n";
    }
}

int main(int argc, char** argv) {
    if (argc != 2) {
        std::cerr << "usage: " << argv[0] << " ENDPOINT\n";
        return 2;
    }
    try {
        auto client = callgate::Client::connect(argv[1]);
        client.wait_connected();
        const auto calculator = client.proxy("ICalculator");
        call(calculator, "Add", 1, 2);
        call(calculator, "Divide", 84, 2);
        call(calculator, "Divide", 1, 0);
        call(calculator, "Add", "one", 2);
        call(calculator, "Subtract", 2, 1);
        calculator.one_way("Log", "the client says goodbye");
        client.close(); // sends what is queued
    } catch (const callgate::error& error) {
        std::cout << "status " << static_cast<int>(error.status()) << ": " << error.what() << "\n";
        return 1;
    }
    return 0;
}
