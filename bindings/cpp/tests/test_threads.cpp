// Many threads at once.
#include "service.hpp"

#include <atomic>
#include <thread>

using callgate::Client;
using callgate::Delegate;
using callgate::Host;

TEST_CASE("many threads share a client, its proxies and a host") {
    std::atomic<int> served{0};
    auto host = Host::builder()
                    .endpoint(unique_pipe())
                    .endpoint("tcp://127.0.0.1:0")
                    .duplex_delegate_factory("IAdder", "ITwice", [&](callgate::Proxy twice) {
                        return Delegate()
                            .method("Add", [&](int a, int b) {
                                served++;
                                return a + b;
                            })
                            .method("TwiceBack", [twice = std::move(twice)](int n) { return twice.call<int>("Twice", n); });
                    })
                    .start();
    for (const std::string& endpoint : host.endpoints()) {
        CAPTURE(endpoint);
        auto client = Client::builder(endpoint)
                          .callback_handler("ITwice", Delegate().method("Twice", [](int n) { return 2 * n; }))
                          .connect();
        const auto adder = client.proxy("IAdder");
        std::atomic<int> wrong{0};
        std::vector<std::thread> threads;
        for (int t = 0; t < 8; t++)
            threads.emplace_back([&, t] {
                for (int i = 0; i < 200; i++) {
                    wrong += adder.call<int>("Add", t, i) != t + i;
                    auto started = adder.start<int>("Add", i, i);
                    wrong += client.proxy("IAdder").call<int>("TwiceBack", i) != 2 * i;
                    wrong += started.get() != 2 * i;
                    adder.one_way("Add", 0, 0);
                }
                // It starts after this thread's one-way calls.
                adder.call("Add", 0, 0);
            });
        for (std::thread& thread : threads)
            thread.join();
        CHECK(wrong == 0);
        client.close();
    }
    host.close();
    CHECK(served == 2 * 8 * (200 * 3 + 1));
}
