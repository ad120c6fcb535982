// Exits while calls run in both directions: exiting ENDPOINT FROM. The host and the client are static objects, which
// are destroyed then.
#include <callgate/callgate.hpp>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>

using callgate::Client;
using callgate::Connection;
using callgate::Delegate;
using callgate::Host;
using callgate::Proxy;

constexpr int asked_for = 7;

// The delegates use it until the end, so it is never destroyed.
static std::atomic<int> rounds{0};

static std::optional<Host> host;
static std::optional<Client> client;

static Delegate make_delegate(Proxy callback, const Connection&) {
    const auto back = std::make_shared<Proxy>(std::move(callback));
    return Delegate()
        .method("Exit", [] { std::exit(asked_for); })
        .method("ExitInCallback", [back] { back->call("Exit"); })
        .method("Both", [back](int n) { return back->call<int>("Return", n); });
}

/// Calls until the program exits.
static void keep_calling() {
    try {
        const Proxy proxy = client->proxy("ITest");
        for (int n = 0;; n++, rounds++) {
            if (proxy.call<int>("Both", n) != n)
                std::abort();
            proxy.one_way("Both", n);
        }
    } catch (const std::exception&) {
        // The client is closed.
    }
}

int main(int argc, char** argv) {
    if (argc != 3)
        return 1;
    const std::string from = argv[2];
    callgate::Limits limits;
    // What waits for the thread that exits does not return.
    limits.drain_timeout = std::chrono::milliseconds(500);
    host.emplace(Host::builder()
                     .endpoint(argv[1])
                     .duplex_delegate_factory("ITest", "IBack", make_delegate)
                     .limits(limits)
                     .start());
    client.emplace(Client::builder(argv[1])
                       .callback_handler("IBack", Delegate()
                                                      .method("Return", [](int n) { return n; })
                                                      .method("Exit", [] { std::exit(asked_for); }))
                       .limits(limits)
                       .connect());
    const Proxy proxy = client->proxy("ITest");
    for (int i = 0; i < 3; i++)
        std::thread(keep_calling).detach();
    while (rounds < 20)
        std::this_thread::yield();
    if (from == "main")
        return asked_for;
    try {
        proxy.call(from.c_str());
    } catch (const std::exception&) {
        // Another thread exits, and has closed the client.
    }
    for (;;)
        std::this_thread::sleep_for(std::chrono::hours(1));
}
