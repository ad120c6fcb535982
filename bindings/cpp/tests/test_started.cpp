// Started calls, deferred replies, one-way calls, options.
#include "service.hpp"

#include <future>
#include <thread>

using callgate::CallOptions;

TEST_CASE("a call that is started has its outcome later") {
    Service service;
    for (const std::string& endpoint : service.endpoints) {
        CAPTURE(endpoint);
        auto client = callgate::Client::builder(endpoint).exceptions(shared_exceptions()).connect();
        const auto values = client.proxy("IValues");
        std::vector<callgate::Future<int>> sums;
        for (int i = 0; i < 100; i++)
            sums.push_back(values.start<int>("AddInt32", i, i));
        for (int i = 0; i < 100; i++)
            CHECK(sums[i].get() == 2 * i);
        CHECK_FALSE(sums[0].valid());
        CHECK_THROWS_AS(sums[0].get(), std::future_error);
        CHECK_THROWS_AS(callgate::Future<int>().cancel(), std::future_error);

        auto nothing = values.start("AddInt32", 1, 2);
        nothing.wait();
        nothing.get();
        CHECK_THROWS_AS(client.proxy("IFailures").start("Funds", 1.0).get(), InsufficientFunds);
        CHECK_THROWS_AS(values.start<std::string>("AddInt32", 1, 2).get(), callgate::contract_mismatch);
    }
}

TEST_CASE("a call that is started can be cancelled") {
    Service service;
    auto client = callgate::Client::connect(service.endpoints[0]);
    const auto waits = client.proxy("IWaits");
    auto waiting = waits.start<bool>("UntilCancelled");
    CHECK_FALSE(waiting.wait_for(10ms));
    waiting.cancel();
    CHECK(waiting.wait_for(patience));
    CHECK_THROWS_AS(waiting.get(), callgate::cancelled);

    auto late = waits.start(CallOptions().timeout(20ms), "Never");
    CHECK_THROWS_AS(late.get(), callgate::timed_out);
    auto left = waits.start<bool>("UntilCancelled");
    client.close();
    CHECK_THROWS_AS(left.get(), callgate::closed);
    // Destroying a future neither waits nor cancels the call.
    auto other = callgate::Client::connect(service.endpoints[0]);
    static_cast<void>(other.proxy("IWaits").start<bool>("UntilCancelled"));
}

TEST_CASE("what follows a call runs once, with its outcome") {
    Service service;
    auto client = callgate::Client::connect(service.endpoints[0]);
    const auto values = client.proxy("IValues");
    std::promise<int> sum;
    values.start<int>("AddInt32", 1, 2).then([&](callgate::Future<int> done) {
        // It may block, and make calls.
        sum.set_value(done.get() + values.call<int>("AddInt32", 10, 20));
    });
    CHECK(sum.get_future().get() == 33);

    auto ready = values.start<int>("AddInt32", 1, 2);
    ready.wait();
    const auto here = std::this_thread::get_id();
    auto there = std::thread::id();
    ready.then([&](callgate::Future<int>) { there = std::this_thread::get_id(); });
    CHECK(here == there);

    std::promise<bool> failed;
    client.proxy("IFailures").start<int>("Standard").then([&](callgate::Future<int> done) {
        failed.set_value(true);
        done.get(); // throws out of here
    });
    CHECK(failed.get_future().get());
    CHECK(values.call<int>("AddInt32", 1, 2) == 3);
}

TEST_CASE("a cancel token cancels calls from another thread") {
    Service service;
    auto client = callgate::Client::connect(service.endpoints[1]);
    const auto waits = client.proxy("IWaits");
    const callgate::CancelToken token;
    std::thread canceller([token] { token.cancel(); });
    CHECK_THROWS_AS(waits.call<bool>(CallOptions().cancel(token), "UntilCancelled"), callgate::cancelled);
    canceller.join();
    CHECK(token.is_cancelled());
    CHECK_THROWS_AS(waits.one_way(CallOptions().cancel(token), "UntilCancelled"), callgate::cancelled);
}

TEST_CASE("methods have functions run when their caller no longer waits") {
    Service service;
    auto client = callgate::Client::connect(service.endpoints[1]);
    const auto waits = client.proxy("IWaits");
    const auto becomes = [&](const char* count, int wanted) {
        while (waits.call<int>(count) != wanted)
            std::this_thread::yield();
    };
    waits.call("Answer");
    int calls = 0;
    for (const char* method : {"Hold", "HoldHere"}) {
        const callgate::CancelToken token;
        auto held = waits.start(CallOptions().cancel(token), method);
        becomes("Held", ++calls);
        token.cancel();
        CHECK_THROWS_AS(held.get(), callgate::cancelled);
        becomes("Notified", calls);

        auto late = waits.start(CallOptions().timeout(std::chrono::seconds(1)), method);
        becomes("Held", ++calls);
        CHECK_THROWS_AS(late.get(), callgate::timed_out);
        becomes("Notified", calls);
    }
}

TEST_CASE("options travel with a call") {
    Service service;
    auto client = callgate::Client::connect(service.endpoints[0]);
    const auto waits = client.proxy("IWaits");
    using Metadata = std::vector<std::pair<std::string, std::string>>;
    const auto options = CallOptions().metadata("user", "me").metadata("trace", std::string("a\0b", 3));
    CHECK(waits.call<Metadata>(options, "Metadata") == Metadata{{"user", "me"}, {"trace", std::string("a\0b", 3)}});
    const auto names = waits.call<std::vector<std::string>>(CallOptions().signature("Names_Int32"), "Names");
    CHECK(names == std::vector<std::string>{"IWaits", "Names", "Names_Int32"});
    const auto left = waits.call<std::optional<int>>(CallOptions().timeout(10min), "TimeLeft");
    REQUIRE(left.has_value());
    CHECK(*left > 0);
    CHECK(*left <= 600000);
    CHECK_FALSE(waits.call<std::optional<int>>(CallOptions().timeout(callgate::Timeout::none()), "TimeLeft"));
    CHECK_THROWS_AS(CallOptions().metadata(std::string("a\0b", 3), ""), callgate::invalid_argument);
}

TEST_CASE("answers can be put off") {
    Service service;
    auto client = callgate::Client::builder(service.endpoints[0]).exceptions(shared_exceptions()).connect();
    const auto waits = client.proxy("IWaits");
    CHECK(waits.call<int>("Deferred", 1, 2) == 3);
    CHECK(waits.call<int>("DeferredByCall", 1) == 2);
    CHECK_THROWS_AS(waits.call("DeferredFailure"), InsufficientFunds);
    const auto thrown = caught<callgate::remote_error>([&] { waits.call("DeferredThrow"); });
    CHECK(thrown.type_name() == "std::out_of_range");
    CHECK_THROWS_AS(waits.call("DeferredDropped"), callgate::remote_error);
    CHECK_THROWS_AS(waits.call("Deferred", 1, "two"), callgate::contract_mismatch);
}

TEST_CASE("one-way calls arrive in order, and flush tells when they have left") {
    Watched<std::vector<int>> seen;
    const std::string pipe = unique_pipe();
    auto host = callgate::Host::builder()
                    .endpoint(pipe)
                    .delegate("INotes", callgate::Delegate().method("Note", [&](callgate::Call& call, int n) {
                        CHECK(call.is_one_way());
                        seen.update([&](auto& all) { all.push_back(n); });
                        return "no one waits for it";
                    }))
                    .start();
    auto client = callgate::Client::connect(pipe);
    const auto notes = client.proxy("INotes");
    for (int i = 0; i < 200; i++)
        notes.one_way("Note", i);
    client.flush();
    client.connection().flush(5s);
    REQUIRE(seen.wait([](const auto& all) { return all.size() == 200; }));
    const auto all = seen.get();
    for (int i = 0; i < 200; i++)
        CHECK(all[i] == i);
}
