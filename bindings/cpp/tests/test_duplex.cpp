// Calls in both directions on one connection.
#include "service.hpp"

#include <atomic>
#include <memory>
#include <optional>
#include <thread>

using callgate::Call;
using callgate::Client;
using callgate::Connection;
using callgate::Delegate;
using callgate::Host;
using callgate::Proxy;

/// Counts the calls that it serves.
class Counter {
public:
    int add(int n) { return count_ += n; }
    int get() const noexcept { return count_; }
    std::string name(const Call& call, std::string_view greeting) const {
        return std::string(greeting) + " " + std::string(call.method());
    }

private:
    std::atomic<int> count_{0};
};

TEST_CASE("member functions serve, however their object is held") {
    Counter counter;
    auto shared = std::make_shared<Counter>();
    const std::string pipe = unique_pipe();
    auto host = Host::builder()
                    .endpoint(pipe)
                    .delegate("ICounter", Delegate()
                                              .method("Add", &Counter::add, &counter)
                                              .method("Get", &Counter::get, std::ref(counter))
                                              .method("Name", &Counter::name, shared)
                                              .method("AddOwn", &Counter::add, std::make_unique<Counter>()))
                    .start();
    auto client = Client::connect(pipe);
    const auto proxy = client.proxy("ICounter");
    CHECK(proxy.interface_name() == "ICounter");
    CHECK(proxy.call<int>("Add", 2) == 2);
    CHECK(proxy.call<int>("Add", 3) == 5);
    CHECK(proxy.call<int>("AddOwn", 1) == 1);
    CHECK(proxy.call<int>("Get") == 5);
    CHECK(proxy.call<std::string>("Name", "I am") == "I am Name");
    CHECK(counter.get() == 5);
}

TEST_CASE("a callback is called in its factory, in calls, and later from another thread") {
    Watched<std::vector<std::string>> told;
    Watched<std::vector<Proxy>> kept;
    auto host = Host::builder()
                    .endpoint(unique_pipe())
                    .endpoint("tcp://127.0.0.1:0")
                    .duplex_delegate_factory("IWorker", "IProgress", [&](Proxy progress, const Connection& connection) {
                        progress.call("Report", "made");
                        kept.update([&](auto& all) { all.push_back(connection.proxy("IProgress")); });
                        return Delegate().method("Work", [progress = std::move(progress)](int n) {
                            int sum = 0;
                            for (int i = 1; i <= n; i++)
                                sum += progress.call<int>("Report", std::to_string(i));
                            return sum;
                        });
                    })
                    .start();
    for (const std::string& endpoint : host.endpoints()) {
        CAPTURE(endpoint);
        auto client = Client::builder(endpoint)
                          .callback_handler("IProgress", Delegate().method("Report", [&](const std::string& line) {
                              told.update([&](auto& all) { all.push_back(line); });
                              return 10;
                          }))
                          .connect();
        CHECK(client.proxy("IWorker").call<int>("Work", 3) == 30);
        CHECK(told.get() == std::vector<std::string>{"made", "1", "2", "3"});
        std::thread([&] { kept.update([](auto& all) { all.back().one_way("Report", "later"); }); }).join();
        CHECK(told.wait([](const auto& all) { return all.size() == 5 && all.back() == "later"; }));
        client.close();
        kept.update([](auto& all) { CHECK_THROWS_AS(all.back().call("Report", "gone"), callgate::channel_faulted); });
        told.update([](auto& all) { all.clear(); });
    }
}

TEST_CASE("calls nest in both directions, and errors pass through all of them") {
    const std::string pipe = unique_pipe();
    auto host = Host::builder()
                    .endpoint(pipe)
                    .duplex_delegate_factory("IDown", "IUp", [](Proxy up) {
                        return Delegate().method("Down", [up = std::move(up)](int n) {
                            return up.call<int>("Up", n - 1) + 1;
                        });
                    })
                    .exceptions(shared_exceptions())
                    .start();
    auto client = Client::builder(pipe)
                      .exceptions(shared_exceptions())
                      .callback_handler("IUp", Delegate().method("Up", [](const Call& call, int n) {
                          if (n == 0)
                              throw InsufficientFunds("at the bottom");
                          if (n == 1)
                              return 100;
                          return call.connection().proxy("IDown").call<int>("Down", n - 1) + 1;
                      }))
                      .connect();
    const auto down = client.proxy("IDown");
    CHECK(down.call<int>("Down", 20) == 119);
    try {
        down.call<int>("Down", 21);
        FAIL("nothing was thrown");
    } catch (const InsufficientFunds& thrown) {
        CHECK(std::string(thrown.what()) == "at the bottom");
    }
}

TEST_CASE("threads that answer later nest their calls in the call that they answer") {
    Watched<std::vector<std::thread>> threads;
    const auto climb = [&](const std::shared_ptr<std::optional<Proxy>>& other) {
        return [&threads, other](callgate::DeferredCall call, int levels) {
            threads.update([&](auto& all) {
                all.emplace_back([other, levels, call = std::move(call)] {
                    try {
                        const auto within = callgate::CallOptions().parent(call);
                        call.reply(levels == 0 ? 0 : 1 + (*other)->call<int>(within, "Climb", levels - 1));
                    } catch (const callgate::error& error) {
                        call.fail(error);
                    }
                });
            });
        };
    };
    const std::string pipe = unique_pipe();
    auto host = Host::builder()
                    .endpoint(pipe)
                    .duplex_delegate_factory("IUp", "IDown", [&](Proxy down) {
                        const auto shared = std::make_shared<std::optional<Proxy>>(std::move(down));
                        return Delegate().method("Climb", climb(shared));
                    })
                    .start();
    const auto up = std::make_shared<std::optional<Proxy>>();
    auto client = Client::builder(pipe).callback_handler("IDown", Delegate().method("Climb", climb(up))).connect();
    *up = client.proxy("IUp");
    CHECK((*up)->call<int>("Climb", 32) == 32);
    CHECK_THROWS_WITH_AS((*up)->call<int>("Climb", 80), doctest::Contains("deep"), callgate::error);
    client.close();
    up->reset();
    std::vector<std::thread> all;
    threads.update([&](auto& started) { all.swap(started); });
    for (std::thread& thread : all)
        thread.join();
}

TEST_CASE("callbacks fail as delegates do") {
    Watched<std::vector<std::string>> outcomes;
    const std::string pipe = unique_pipe();
    auto host = Host::builder()
                    .endpoint(pipe)
                    .duplex_delegate_factory("IAsk", "IAnswer", [](Proxy answer) {
                        return Delegate().method("Ask", [answer = std::move(answer)](const std::string& method) {
                            try {
                                answer.call(method, 1);
                                return std::string("answered");
                            } catch (const callgate::error& error) {
                                return std::string(error.what());
                            }
                        });
                    })
                    .start();
    auto client = Client::builder(pipe)
                      .callback_handler("IAnswer", Delegate()
                                                       .method("Fine", [](int) {})
                                                       .method("Wrong", [](const std::string&) {})
                                                       .method("Bad", [](int) { throw std::domain_error("no"); }))
                      .connect();
    const auto ask = client.proxy("IAsk");
    CHECK(ask.call<std::string>("Ask", "Fine") == "answered");
    CHECK(ask.call<std::string>("Ask", "Wrong") == "argument 1: expected a string, found 1");
    CHECK(ask.call<std::string>("Ask", "Bad") == "std::domain_error: no");
    CHECK(ask.call<std::string>("Ask", "Missing").find("no method 'Missing'") != std::string::npos);
}

TEST_CASE("a factory that fails gives its error, and is asked again") {
    std::atomic<int> asked{0};
    const std::string pipe = unique_pipe();
    auto host = Host::builder()
                    .endpoint(pipe)
                    .delegate("IPlain", [&](const Connection&) {
                        if (asked++ == 0)
                            throw std::domain_error("not yet");
                        return Delegate().method("Ask", [] { return 1; });
                    })
                    .duplex_delegate_factory("IDuplex", "IUp", [](Proxy) -> Delegate { throw 42; })
                    .start();
    auto client = Client::connect(pipe);
    const auto plain = client.proxy("IPlain");
    const auto failed = caught<callgate::remote_error>([&] { plain.call("Ask"); });
    CHECK(failed.type_name() == "std::domain_error");
    CHECK(plain.call<int>("Ask") == 1);
    CHECK(plain.call<int>("Ask") == 1);
    CHECK(asked == 2);
    CHECK(caught<callgate::remote_error>([&] { client.proxy("IDuplex").call("Ask"); }).type_name() == "int");
    CHECK_THROWS_AS(Host::builder()
                        .endpoint(unique_pipe())
                        .duplex_delegate_factory("I", "J", [](Proxy) { return Delegate(); })
                        .duplex_delegate_factory("I", "J", [](Proxy) { return Delegate(); })
                        .start(),
                    callgate::invalid_argument);
}
