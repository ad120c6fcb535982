// Lifetimes: every kind of object is destroyed in every kind of callback.
#include "service.hpp"

#include <atomic>
#include <memory>
#include <optional>
#include <type_traits>

using callgate::Call;
using callgate::Client;
using callgate::Connection;
using callgate::Delegate;
using callgate::Host;
using callgate::Proxy;

static_assert(!std::is_copy_constructible_v<Host> && std::is_nothrow_move_constructible_v<Host>);
static_assert(!std::is_copy_constructible_v<Client> && std::is_nothrow_move_assignable_v<Client>);
static_assert(!std::is_copy_constructible_v<Proxy> && std::is_nothrow_move_assignable_v<Proxy>);
static_assert(!std::is_copy_constructible_v<Connection> && std::is_nothrow_move_assignable_v<Connection>);
static_assert(!std::is_copy_constructible_v<callgate::DeferredCall>);
static_assert(!std::is_copy_constructible_v<callgate::Future<int>>);

/// Counts its instances, which functions capture.
class Tracked {
public:
    explicit Tracked(Watched<int>& count) : count_(&count) {
        count.update([](int& n) { n++; });
    }
    Tracked(Tracked&& other) noexcept : count_(other.count_) { other.count_ = nullptr; }
    ~Tracked() {
        if (count_)
            count_->update([](int& n) { n--; });
    }

private:
    Watched<int>* count_;
};

/// One Callgate object of every kind, to be destroyed from anywhere.
struct World {
    std::mutex mutex{};
    std::optional<Host> host{};
    std::optional<Client> client{};
    std::optional<Proxy> proxy{};
    std::vector<Connection> connections{};
    Latch gone{};

    void drop() {
        std::optional<Host> old_host;
        std::optional<Client> old_client;
        std::optional<Proxy> old_proxy;
        std::vector<Connection> old_connections;
        {
            const std::lock_guard<std::mutex> lock(mutex);
            old_host.swap(host);
            old_client.swap(client);
            old_proxy.swap(proxy);
            old_connections.swap(connections);
        }
        if (!old_host && !old_client)
            return;
        old_connections.clear();
        old_proxy.reset();
        old_client.reset();
        old_host.reset();
        gone.open();
    }
};

/// Where everything is destroyed.
enum class Place {
    factory,
    duplex_factory,
    delegate,
    deferred_delegate,
    callback,
    initialisation,
    client_connected,
    client_disconnected,
    connected,
    disconnected,
    completion,
};

constexpr Place places[] = {
    Place::factory,        Place::duplex_factory,   Place::delegate,            Place::deferred_delegate,
    Place::callback,       Place::initialisation,   Place::client_connected,    Place::client_disconnected,
    Place::connected,      Place::disconnected,     Place::completion,
};

static Host make_host(const std::shared_ptr<World>& world, Place place, const std::string& pipe,
                      Watched<int>& tracked) {
    const auto drop_at = [world, place](Place here) {
        if (place == here)
            world->drop();
    };
    auto kept = std::make_shared<Tracked>(tracked);
    return Host::builder()
        .endpoint(pipe)
        .delegate("IPlain", [drop_at, kept](const Connection&) {
            drop_at(Place::factory);
            return Delegate()
                .method("Work", [drop_at, kept] { drop_at(Place::delegate); })
                .method("Later", [drop_at, kept](callgate::DeferredCall call) {
                    drop_at(Place::deferred_delegate);
                    call.reply();
                });
        })
        .duplex_delegate_factory("IDuplex", "ICallback", [drop_at, kept](Proxy callback) {
            drop_at(Place::duplex_factory);
            return Delegate().method("Work", [callback = std::move(callback), kept] { callback.call("Work"); });
        })
        .client_connected([drop_at, kept](const Connection&) { drop_at(Place::client_connected); })
        .client_disconnected([drop_at, kept](const Connection&, const callgate::error&) {
            drop_at(Place::client_disconnected);
        })
        .start();
}

static Client make_client(const std::shared_ptr<World>& world, Place place, const std::string& pipe,
                          Watched<int>& tracked) {
    const auto drop_at = [world, place](Place here) {
        if (place == here)
            world->drop();
    };
    auto kept = std::make_shared<Tracked>(tracked);
    return Client::builder(pipe)
        .callback_handler("ICallback", Delegate().method("Work", [drop_at, kept] { drop_at(Place::callback); }))
        .connected([drop_at, kept](const Connection&) { drop_at(Place::connected); })
        .disconnected([drop_at, kept](const Connection&, const callgate::error&) { drop_at(Place::disconnected); })
        .connect();
}

/// Makes calls of all kinds, until all are made or everything is gone.
static void use(World& world, Place place) {
    try {
        std::optional<Proxy> plain;
        std::optional<Proxy> duplex;
        callgate::Future<void> started;
        {
            const std::lock_guard<std::mutex> lock(world.mutex);
            if (!world.client)
                return;
            plain = world.client->proxy("IPlain");
            duplex = world.client->proxy("IDuplex");
            world.proxy = world.client->proxy("IPlain", [&world, place](const Proxy& proxy) {
                proxy.call("Work");
                if (place == Place::initialisation)
                    world.drop();
            });
            started = world.proxy->start("Work");
        }
        started.get();
        plain->call("Later");
        duplex->call("Work");
        plain->start("Work").then([&world, place](callgate::Future<void>) {
            if (place == Place::completion)
                world.drop();
        });
        plain->call("Work");
        if (place == Place::client_disconnected || place == Place::disconnected) {
            const std::lock_guard<std::mutex> lock(world.mutex);
            if (world.client)
                world.client->connection().close();
        }
    } catch (const callgate::error&) {
        // The client or connection was closed meanwhile.
    }
}

TEST_CASE("everything can be destroyed in every kind of callback") {
    Watched<int> tracked;
    for (const Place place : places) {
        CAPTURE(static_cast<int>(place));
        const std::string pipe = unique_pipe();
        const auto world = std::make_shared<World>();
        {
            const std::lock_guard<std::mutex> lock(world->mutex);
            world->host = make_host(world, place, pipe, tracked);
            world->client = make_client(world, place, pipe, tracked);
        }
        use(*world, place);
        CHECK(world->gone.wait());
    }
    // The functions' captures are destroyed with the last of their threads, for which this does not wait.
    CHECK(tracked.wait([](int count) { return count == 0; }));
}

TEST_CASE("closing waits for what runs, and captured objects are destroyed once") {
    Watched<int> tracked;
    Latch inside;
    std::atomic<bool> finished{false};
    {
        const std::string pipe = unique_pipe();
        auto host = Host::builder()
                        .endpoint(pipe)
                        .delegate("ISlow", [&](const Connection&) {
                            return Delegate().method("Work", [&, kept = Tracked(tracked)](const Call& call) {
                                inside.open();
                                call.wait_cancelled(patience);
                                finished = true;
                            });
                        })
                        .start();
        auto client = Client::connect(pipe);
        auto slow = client.proxy("ISlow").start("Work");
        CHECK(inside.wait());
        CHECK(tracked.get() == 1);
        client.close();
        CHECK_THROWS_AS(slow.get(), callgate::closed);
        host.close();
        CHECK(finished);
        CHECK(tracked.get() == 0);
        host.close();
        host.wait();
    }
}

TEST_CASE("closing gives up after its timeout, and can be waited for") {
    Latch inside;
    Latch go_on;
    const std::string pipe = unique_pipe();
    auto host = Host::builder()
                    .endpoint(pipe)
                    .delegate("ISlow", Delegate().method("Work", [&] {
                        inside.open();
                        go_on.wait();
                    }))
                    .start();
    auto client = Client::connect(pipe);
    auto slow = client.proxy("ISlow").start("Work");
    CHECK(inside.wait());
    CHECK_THROWS_AS(host.close(20ms), callgate::timed_out);
    CHECK_THROWS_AS(host.wait(callgate::Timeout::now()), callgate::timed_out);
    go_on.open();
    host.wait(patience);
}

TEST_CASE("what a failed start has captured is destroyed") {
    Watched<int> tracked;
    {
        auto kept = std::make_shared<Tracked>(tracked);
        auto builder = Host::builder().endpoint("nonsense").delegate("I", [kept](const Connection&) { return Delegate(); });
        builder.log([kept](const callgate::LogEvent&) {});
        CHECK_THROWS_AS(builder.start(), callgate::invalid_argument);
        CHECK_THROWS_AS(Client::builder("pipe://a")
                            .callback_handler("I", Delegate().method("A", [kept] {}))
                            .callback_handler("I", Delegate().method("A", [kept] {}))
                            .connect(),
                        callgate::invalid_argument);
    }
    CHECK(tracked.get() == 0);
}

TEST_CASE("hosts and clients move") {
    const std::string pipe = unique_pipe();
    auto one = [] { return 1; };
    auto host = Host::builder().endpoint(pipe).delegate("I", Delegate().method("One", one)).start();
    auto moved_host = std::move(host);
    auto client = Client::connect(pipe);
    auto moved_client = std::move(client);
    const auto proxy = moved_client.proxy("I");
    CHECK(proxy.call<int>("One") == 1);
    moved_client = Client::connect(pipe);
    CHECK_THROWS_AS(proxy.call<int>("One"), callgate::closed);
    CHECK(moved_client.proxy("I").call<int>("One") == 1);
    moved_host = Host::builder().endpoint(unique_pipe()).start();
    CHECK_THROWS_AS(Client::builder(pipe).connection_timeout(20ms).connect().wait_connected(), callgate::channel_faulted);
}
