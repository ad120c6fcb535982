// A host that serves ICalculator until its standard input ends.
//
//     calculator_host pipe://calculator tcp://127.0.0.1:0
#include <callgate/callgate.hpp>

#include <cstdint>
#include <iostream>
#include <string>

static std::int64_t add(std::int32_t a, std::int32_t b) {
    return std::int64_t(a) + b;
}

static std::int64_t divide(std::int32_t a, std::int32_t b) {
    if (b == 0)
        throw callgate::remote_error("DivideByZero", "cannot divide by zero");
    return std::int64_t(a) / b;
}

static void log_line(const std::string& text) {
    std::cout << "log: " + text + "\n" << std::flush;
}

int main(int argc, char** argv) {
    try {
        auto builder = callgate::Host::builder();
        for (int i = 1; i < argc; i++)
            builder.endpoint(argv[i]);
        auto host = builder
                        .delegate("ICalculator", callgate::Delegate()
                                                     .method("Add", add)
                                                     .method("Divide", divide)
                                                     .one_way("Log", log_line))
                        .start();
        for (const std::string& endpoint : host.endpoints())
            std::cout << "listening on " << endpoint << std::endl;
        while (std::cin.get() != std::istream::traits_type::eof()) {
        }
        host.close();
    } catch (const callgate::error& error) {
        std::cerr << "calculator_host: " << error.what() << "\n";
        return 1;
    }
    return 0;
}
