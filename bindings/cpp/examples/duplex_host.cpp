// A host that calls its clients back: ICalculator.Sum(n) adds up the numbers to n, and reports the progress to the
// caller's IProgress. It serves until its standard input ends.
//
//     duplex_host pipe://calculator tcp://127.0.0.1:0
#include <callgate/callgate.hpp>

#include <cstdint>
#include <iostream>
#include <memory>
#include <string>
#include <utility>

// Serves one client, and can call its IProgress.
class Calculator {
public:
    explicit Calculator(callgate::Proxy progress) : progress_(std::move(progress)) {}

    // Adds up 1 to n, reports every quarter, and stops when the caller no longer waits.
    std::int64_t sum(callgate::Call& call, std::int32_t n) const {
        std::int64_t total = 0;
        for (std::int64_t i = 1; i <= n && !call.is_cancelled(); i++) {
            total += i;
            if (4 * i / n != 4 * (i - 1) / n)
                progress_.call("Report", static_cast<double>(i) / n);
        }
        return total;
    }

private:
    callgate::Proxy progress_;
};

// Created for each connection.
static callgate::Delegate make_delegate(callgate::Proxy progress) {
    auto calculator = std::make_shared<Calculator>(std::move(progress));
    return callgate::Delegate().method("Sum", &Calculator::sum, calculator);
}

int main(int argc, char** argv) {
    try {
        auto builder = callgate::Host::builder();
        for (int i = 1; i < argc; i++)
            builder.endpoint(argv[i]);
        auto host = builder.duplex_delegate_factory("ICalculator", "IProgress", make_delegate).start();
        for (const std::string& endpoint : host.endpoints())
            std::cout << "listening on " << endpoint << std::endl;
        while (std::cin.get() != std::istream::traits_type::eof()) {
        }
        host.close();
    } catch (const callgate::error& error) {
        std::cerr << "duplex_host: " << error.what() << "\n";
        return 1;
    }
    return 0;
}
