// Relays that spoil connections on purpose.
#include "support.hpp"

#include <callgate/testing.hpp>

using callgate::Client;
using callgate::Delegate;
using callgate::Host;
using callgate::testing::Direction;
using callgate::testing::Faults;
using callgate::testing::FaultyRelay;

TEST_CASE("a cut connection fails one call") {
    const std::string pipe = unique_pipe();
    auto host = Host::builder().endpoint(pipe).delegate("IEcho", Delegate().method("Echo", [](int n) { return n; })).start();
    Faults faults;
    faults.seed = 5;
    faults.cut = {200, 2000};
    faults.connections = 1;
    FaultyRelay relay(unique_pipe(), pipe, faults);
    auto client = Client::connect(std::string(relay.endpoint()));
    const auto proxy = client.proxy("IEcho");
    int failed = 0;
    for (int n = 0; n < 100; n++) {
        const auto reply = proxy.try_call<int>("Echo", n);
        if (reply)
            CHECK(*reply == n);
        else {
            CHECK(reply.error().status() == callgate::Status::channel_faulted);
            failed++;
        }
    }
    CHECK(failed == 1);
    CHECK(relay.connections() == 2);

    faults = {};
    faults.byte_wise = true;
    faults.delay = 50us;
    relay.set_faults(faults);
    relay.cut();
    static_cast<void>(proxy.try_call<int>("Echo", 1));
    CHECK(proxy.call<int>("Echo", 2) == 2);
    CHECK(relay.connections() == 3);
    client.close();
}

TEST_CASE("malformed faults are rejected") {
    const std::string pipe = unique_pipe();
    Faults faults;
    faults.lose = {2, 1};
    CHECK_THROWS_AS(FaultyRelay(pipe, "pipe://nobody", faults), callgate::error);
    faults = {};
    faults.delay = -1us;
    CHECK_THROWS_AS(FaultyRelay(pipe, "pipe://nobody", faults), callgate::error);
}

TEST_CASE("a second relay at a pipe is refused") {
    const std::string pipe = unique_pipe();
    Faults faults;
    faults.direction = Direction::to_host;
    const FaultyRelay relay(pipe, "pipe://nobody", faults);
    CHECK_THROWS_AS(FaultyRelay(pipe, "pipe://nobody"), callgate::error);
}
