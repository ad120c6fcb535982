// Errors in both directions, as exceptions.
#include "service.hpp"

#include <exception>
#include <stdexcept>

using callgate::Execution;
using callgate::Status;

/// A program's exception for a host that is gone.
class HostGone : public std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// Such an exception that keeps the original.
struct Gone {
    explicit Gone(const callgate::channel_faulted& original) : status(original.status()) {}

    Status status;
};

static std::string type_thrown_by(const callgate::Proxy& failures, const char* method) {
    return caught<callgate::remote_error>([&] { failures.call(method); }).type_name();
}

TEST_CASE("what a delegate throws is a remote error") {
    Service service;
    for (const std::string& endpoint : service.endpoints) {
        CAPTURE(endpoint);
        auto client = callgate::Client::connect(endpoint);
        const auto failures = client.proxy("IFailures");

        const auto standard = caught<callgate::remote_error>([&] { failures.call<int>("Standard"); });
        CHECK(standard.type_name() == "std::out_of_range");
        CHECK(standard.message() == "too far");
        CHECK(std::string(standard.what()) == "std::out_of_range: too far");
        CHECK(standard.status() == Status::remote_error);
        CHECK(standard.execution() == Execution::ran);
        CHECK_FALSE(standard.has_data());
        CHECK_THROWS_AS(standard.data<int>(), callgate::contract_mismatch);

        const auto nested = caught<callgate::remote_error>([&] { failures.call("Nested"); });
        CHECK(nested.type_name() == "std::runtime_error");
        CHECK(nested.message() == "cannot go on");
        CHECK(nested.trace() == "caused by std::out_of_range: too far\n");

        CHECK(type_thrown_by(failures, "Number") == "int");
        CHECK(type_thrown_by(failures, "Faulted") == "callgate::channel_faulted");
        CHECK(caught<callgate::remote_error>([&] { failures.call("Latin"); }).message() == "caf?");
    }
}

TEST_CASE("a remote error travels with its trace and data") {
    Service service;
    auto client = callgate::Client::connect(service.endpoints[0]);
    const auto error = caught<callgate::remote_error>([&] { client.proxy("IFailures").call("Remote"); });
    CHECK(error.type_name() == "System.IO.IOException");
    CHECK(error.message() == "no such file");
    CHECK(error.trace() == "at Main()");
    CHECK(error.data<Point>() == Point{1, 2, "x"});
    CHECK_THROWS_AS(error.data<int>(), callgate::contract_mismatch);
}

TEST_CASE("a delegate can refuse its arguments, and its result can be refused") {
    Service service;
    auto client = callgate::Client::connect(service.endpoints[0]);
    const auto failures = client.proxy("IFailures");
    const auto refused = caught<callgate::contract_mismatch>([&] { failures.call("Mismatch"); });
    CHECK(std::string(refused.what()) == "not like this");
    CHECK(refused.execution() == Execution::ran);
    CHECK_THROWS_AS(failures.call<std::string>("Unpackable"), callgate::contract_mismatch);
    CHECK_THROWS_AS(failures.call("Standard", std::string("caf\xe9")), callgate::error);
}

TEST_CASE("a registered exception is thrown as itself") {
    Service service;
    auto client = callgate::Client::builder(service.endpoints[0]).exceptions(shared_exceptions()).connect();
    const auto failures = client.proxy("IFailures");
    try {
        failures.call("Funds", 2.5);
        FAIL("nothing was thrown");
    } catch (const InsufficientFunds& thrown) {
        CHECK(typeid(thrown) == typeid(InsufficientFunds));
        CHECK(std::string(thrown.what()) == "short of 2.500000");
    }
    CHECK_THROWS_AS(failures.start("Funds", 1.0).get(), InsufficientFunds);
    CHECK(type_thrown_by(failures, "Standard") == "std::out_of_range");
    auto other = callgate::Client::connect(service.endpoints[0]);
    CHECK_THROWS_AS(other.proxy("IFailures").call("Funds", 1.0), callgate::remote_error);
}

/// An exception that keeps the remote error.
class Short : public std::exception {
public:
    explicit Short(callgate::remote_error original) : original_(std::move(original)) {}

    const callgate::remote_error& original() const { return original_; }

private:
    callgate::remote_error original_;
};

TEST_CASE("an exception can be made of the remote error that it stands for") {
    Service service;
    auto exceptions = callgate::Exceptions().add<Short>("Bank.InsufficientFunds").add<std::runtime_error>("int");
    auto client = callgate::Client::builder(service.endpoints[0]).exceptions(exceptions).connect();
    const auto failures = client.proxy("IFailures");
    CHECK(caught<Short>([&] { failures.call("Funds", 2.5); }).original().type_name() == "Bank.InsufficientFunds");
    try {
        failures.call("Number");
        FAIL("nothing was thrown");
    } catch (const std::exception& thrown) {
        CHECK(typeid(thrown) == typeid(std::runtime_error));
    }
}

TEST_CASE("a host that dies faults its calls, which may have run") {
    Service service;
    auto client = callgate::Client::connect(service.endpoints[0]);
    const auto failures = client.proxy("IFailures");
    const auto lost = caught<callgate::channel_faulted>([&] { failures.call("Die"); });
    CHECK(lost.execution() == Execution::unknown);
    CHECK(lost.may_have_run());
}

TEST_CASE("without a host, calls fault and have not run") {
    auto client = callgate::Client::builder(unique_pipe()).connection_timeout(50ms).connect();
    const auto proxy = client.proxy("ITest");
    const auto never = caught<callgate::channel_faulted>([&] { proxy.call("Add", 1, 2); });
    CHECK_FALSE(never.may_have_run());
    CHECK_THROWS_AS(client.wait_connected(50ms), callgate::channel_faulted);
    CHECK_THROWS_AS(client.connection(), callgate::channel_faulted);
}

TEST_CASE("a program's own exception stands for a faulted channel") {
    auto client = callgate::Client::builder(unique_pipe()).connection_timeout(50ms).connect();
    const auto proxy = client.proxy("ITest").faulted_as<HostGone>();
    CHECK_THROWS_AS(proxy.call("Add", 1, 2), HostGone);
    CHECK_THROWS_AS(proxy.one_way("Add", 1, 2), HostGone);
    CHECK_THROWS_AS(proxy.start("Add", 1, 2).get(), HostGone);
    client.close();
    try {
        proxy.clone().call("Add", 1, 2);
        FAIL("nothing was thrown");
    } catch (const HostGone& gone) {
        CHECK(typeid(gone) == typeid(HostGone));
        CHECK(std::string(gone.what()).find("closed") != std::string::npos);
    }
    const auto keeping = client.proxy("ITest").faulted_as<Gone>();
    CHECK(caught<Gone>([&] { keeping.call("Add", 1, 2); }).status == Status::closed);
}

TEST_CASE("timeouts are timed_out, and closed clients closed") {
    Service service;
    auto client = callgate::Client::connect(service.endpoints[0]);
    client.wait_connected(patience);
    const auto waits = client.proxy("IWaits");
    const auto late = caught<callgate::timed_out>(
        [&] { waits.call(callgate::CallOptions().timeout(200ms), "Never"); });
    CHECK(late.status() == Status::timed_out);
    CHECK(late.may_have_run());
    client.close();
    const auto closed = caught<callgate::channel_faulted>([&] { waits.call("UntilCancelled"); });
    CHECK(closed.status() == Status::closed);
    CHECK_FALSE(closed.may_have_run());
}

TEST_CASE("a second host of a pipe is refused") {
    const std::string pipe = unique_pipe();
    auto host = callgate::Host::builder().endpoint(pipe).start();
    CHECK_THROWS_AS(callgate::Host::builder().endpoint(pipe).start(), callgate::address_in_use);
}

TEST_CASE("wrong use is an error that says what is wrong") {
    CHECK_THROWS_AS(callgate::Client::connect("nonsense"), callgate::invalid_argument);
    CHECK_THROWS_AS(callgate::Client::connect(std::string("pipe://a\0b", 10)), callgate::invalid_argument);
    CHECK_THROWS_AS(callgate::Host::builder().start(), callgate::error);
    const std::string pipe = unique_pipe();
    auto host = callgate::Host::builder().endpoint(pipe).start();
    CHECK_THROWS_AS(callgate::Timeout(-1ms), callgate::invalid_argument);
    auto client = callgate::Client::connect(pipe);
    const auto proxy = client.proxy("ITest");
    CHECK_THROWS_AS(proxy.call(std::string("a\0b", 3)), callgate::invalid_argument);
    auto moved = proxy.clone();
    const auto taken = std::move(moved);
    CHECK_THROWS_AS(moved.call("Add"), callgate::invalid_handle); // NOLINT: what is moved from can be asked
}

TEST_CASE("timeouts are milliseconds for C") {
    CHECK(callgate::Timeout().c_value() == CALLGATE_TIMEOUT_DEFAULT);
    CHECK(callgate::Timeout::none().c_value() == CALLGATE_TIMEOUT_NONE);
    CHECK(callgate::Timeout(0s).c_value() == CALLGATE_TIMEOUT_NOW);
    CHECK(callgate::Timeout(1us).c_value() == 1);
    CHECK(callgate::Timeout(1500ms).c_value() == 1500);
    CHECK(callgate::Timeout(std::chrono::duration<double>(0.25)).c_value() == 250);
    CHECK(callgate::Timeout(std::chrono::hours::max()).c_value() == INT64_MAX);
}
