// Calls that return their errors as values.
#include "service.hpp"

#include <memory>

using callgate::CallOptions;
using callgate::Expected;
using callgate::Status;

TEST_CASE("an outcome is a result or an error") {
    Service service;
    for (const std::string& endpoint : service.endpoints) {
        CAPTURE(endpoint);
        auto client = callgate::Client::connect(endpoint);
        const auto values = client.proxy("IValues");

        const auto sum = values.try_call<int>("AddInt32", 1, 2);
        REQUIRE(sum);
        CHECK(*sum == 3);
        CHECK(sum.value_or(7) == 3);
        auto words = values.try_call<std::string>(CallOptions().timeout(10min), "Join", std::vector{"a", "b"}, "-");
        REQUIRE(words.has_value());
        CHECK(words->size() == 3);
        CHECK(std::move(words).value() == "a-b");
        CHECK(values.try_call("AddInt32", 1, 2).has_value());

        const auto refused = values.try_call<std::string>("AddInt32", 1, 2);
        REQUIRE_FALSE(refused);
        CHECK(refused.error().status() == Status::contract_mismatch);
        CHECK(refused.error().may_have_run());
        CHECK(refused.value_or("none") == "none");
        CHECK_THROWS_AS(refused.value(), callgate::contract_mismatch);

        const auto failed = client.proxy("IFailures").try_call("Standard");
        REQUIRE_FALSE(failed);
        const auto* remote = dynamic_cast<const callgate::remote_error*>(&failed.error());
        REQUIRE(remote != nullptr);
        CHECK(remote->type_name() == "std::out_of_range");
        CHECK_THROWS_AS(failed.value(), callgate::remote_error);

        const auto late = client.proxy("IWaits").try_call(CallOptions().timeout(20ms), "Never");
        REQUIRE_FALSE(late);
        CHECK(late.error().status() == Status::timed_out);
        CHECK_THROWS_AS(late.value(), callgate::timed_out);
    }
}

TEST_CASE("an outcome throws what its call would have thrown") {
    Service service;
    auto client = callgate::Client::builder(service.endpoints[0]).exceptions(shared_exceptions()).connect();
    const auto funds = client.proxy("IFailures").try_call("Funds", 2.5);
    REQUIRE_FALSE(funds);
    CHECK(funds.error().status() == Status::remote_error);
    CHECK_THROWS_AS(funds.value(), InsufficientFunds);
}

TEST_CASE("a started call gives its outcome without throwing") {
    Service service;
    auto client = callgate::Client::connect(service.endpoints[0]);
    const auto values = client.proxy("IValues");
    CHECK(values.start<int>("AddInt32", 20, 22).try_get().value() == 42);
    CHECK(values.start<std::string>("AddInt32", 1, 2).try_get().error().status() == Status::contract_mismatch);
    auto waiting = client.proxy("IWaits").start("UntilCancelled");
    waiting.cancel();
    CHECK(waiting.try_get().error().status() == Status::cancelled);
    client.close();
    CHECK(values.start<int>("AddInt32", 1, 2).try_get().error().status() == Status::closed);
    CHECK(values.try_call<int>("AddInt32", 1, 2).error().status() == Status::closed);
}
