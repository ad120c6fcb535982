// The examples do the same as those in C.
#include "support.hpp"

static std::string said_by(const char* client, const std::string& endpoint) {
    Process process(std::string(EXAMPLES "/") + client, {endpoint});
    std::string said = process.finish();
    CHECK(process.exit_code() == 0);
    return said;
}

TEST_CASE("the calculator's client prints what it should, and its host logs") {
    Process host(EXAMPLES "/calculator_host", {unique_pipe(), "tcp://127.0.0.1:0"});
    for (const std::string& endpoint : host.endpoints(2))
        CHECK(said_by("calculator_client", endpoint)
              == "Add: 3\nDivide: 42\nDivide: remote error DivideByZero: cannot divide by zero\n"
                 "Add: contract mismatch: argument 1: expected an int32, found a string\n"
                 "Subtract: contract mismatch: interface 'ICalculator' has no method 'Subtract'\n");
    CHECK(host.finish() == "log: the client says goodbye\nlog: the client says goodbye\n");
    CHECK(host.exit_code() == 0);
}

TEST_CASE("the duplex client receives the progress") {
    Process host(EXAMPLES "/duplex_host", {unique_pipe(), "tcp://127.0.0.1:0"});
    for (const std::string& endpoint : host.endpoints(2))
        CHECK(said_by("duplex_client", endpoint)
              == "progress: 25%\nprogress: 50%\nprogress: 75%\nprogress: 100%\nSum: 5050\n");
    CHECK(host.finish() == "");
    CHECK(host.exit_code() == 0);
}
