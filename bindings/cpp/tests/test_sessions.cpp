// Connections that begin and end, initialisation, limits, aliases, order, the log.
#include "service.hpp"
#include "sockets.hpp"

#include <algorithm>
#include <atomic>
#include <thread>

#ifdef _WIN32
#include <cstdlib>
#include <process.h>
#else
#include <pwd.h>
#endif

using callgate::Client;
using callgate::Connection;
using callgate::Delegate;
using callgate::Host;
using callgate::Proxy;

static Delegate echo() {
    return Delegate().method("Echo", [](int n) { return n; });
}

TEST_CASE("a proxy is initialised on each connection, before its calls") {
    Watched<std::vector<std::string>> seen;
    const auto note = [&](const std::string& what) { seen.update([&](auto& all) { all.push_back(what); }); };
    const std::string pipe = unique_pipe();
    auto host = Host::builder()
                    .endpoint(pipe)
                    .delegate("ISession", Delegate()
                                              .method("LogIn", [&](const std::string& who) { note("log in " + who); })
                                              .method("Work", [&] { note("work"); }))
                    .start();
    auto client = Client::builder(pipe)
                      .connected([&](const Connection& connection) {
                          note("connected " + std::to_string(connection.generation()));
                      })
                      .reconnected([&](const Connection& connection) {
                          note("reconnected " + std::to_string(connection.generation()));
                      })
                      .disconnected([&](const Connection&, const callgate::error& why) {
                          note("disconnected " + std::to_string(static_cast<int>(why.status())));
                      })
                      .connect();
    const auto session = client.proxy("ISession", [](const Proxy& proxy) { proxy.call("LogIn", "me"); });
    session.call("Work");
    client.connection().close();
    CHECK(seen.wait([](const auto& all) {
        return std::count(all.begin(), all.end(), "log in me") == 2
            && std::count(all.begin(), all.end(), "reconnected 2") == 1;
    }));
    session.clone().call("Work");
    const auto all = seen.get();
    CHECK(std::count(all.begin(), all.end(), "log in me") == 2);
    CHECK(std::count(all.begin(), all.end(), "connected 1") == 1);
    CHECK(std::count(all.begin(), all.end(), "reconnected 2") == 1);
    CHECK(std::count(all.begin(), all.end(), "disconnected 6") == 1);
}

TEST_CASE("calls are counted on both sides") {
    const std::string pipe = unique_pipe();
    auto host = Host::builder().endpoint(pipe).delegate("I", echo()).start();
    auto client = Client::connect(pipe);
    const auto proxy = client.proxy("I");
    CHECK(proxy.call<int>("Echo", 1) + proxy.call<int>("Echo", 2) == 3);
    const auto has = [](const std::string& text, const std::string& line) {
        return text.find("\n" + line + "\n") != std::string::npos;
    };
    CHECK(has(host.counters(), R"(callgate_calls_total{direction="served",kind="with_reply"} 2)"));
    CHECK(has(client.counters(), R"(callgate_calls_total{direction="made",kind="with_reply"} 2)"));
}

TEST_CASE("connections to two hosts are not equal, though their numbers are") {
    Service first, second;
    const auto to_first = Client::connect(first.endpoints[0]);
    const auto to_second = Client::connect(second.endpoints[0]);
    to_first.wait_connected();
    to_second.wait_connected();
    CHECK(to_first.connection() == to_first.connection());
    CHECK(to_first.connection().id() == to_second.connection().id());
    CHECK(to_first.connection() != to_second.connection());
}

TEST_CASE("an initialisation that fails has an error with its cause") {
    const std::string pipe = unique_pipe();
    auto host = Host::builder().endpoint(pipe).delegate("I", echo()).start();
    auto client = Client::connect(pipe);
    std::atomic<bool> mended{false};
    const auto proxy = client.proxy("I", [&](const Proxy&) {
        if (!mended)
            throw std::domain_error("not yet");
    });
    const auto failed = caught<callgate::initialisation_failed>([&] { proxy.call<int>("Echo", 1); });
    REQUIRE(failed.cause() != nullptr);
    CHECK(std::string(failed.cause()->what()) == "std::domain_error: not yet");
    CHECK(dynamic_cast<const callgate::remote_error*>(failed.cause()) != nullptr);
    CHECK_FALSE(failed.may_have_run());
    mended = true;
    // Calls that wait while an earlier attempt fails get its error.
    for (bool works = false; !works;)
        try {
            works = proxy.call<int>("Echo", 1) == 1;
        } catch (const callgate::initialisation_failed&) {
        }
    CHECK(proxy.call<int>("Echo", 2) == 2);
}

#ifndef _WIN32
TEST_CASE("connections know their peers") {
    Watched<std::vector<std::string>> seen;
    auto host = Host::builder()
                    .endpoint(unique_pipe())
                    .endpoint("tcp://127.0.0.1:0")
                    .delegate("I", echo())
                    .client_connected([&](const Connection& connection) {
                        const auto uid = connection.peer_uid();
                        const auto pid = connection.peer_pid();
                        seen.update([&](auto& all) {
                            all.push_back(connection.peer_address());
                            all.push_back(uid ? std::to_string(*uid) : "?");
                            all.push_back(pid ? std::to_string(*pid) : "?");
                            all.push_back(connection.peer_gid() ? "group" : "?");
                            all.push_back(connection.peer_user());
                            all.push_back(connection.peer_user_name());
                        });
                    })
                    .start();
    auto local = Client::builder(host.endpoints()[0]).host_user(getuid()).connect();
    local.wait_connected();
    REQUIRE(seen.wait([](const auto& all) { return all.size() == 6; }));
    CHECK(seen.get()
          == std::vector<std::string>{"", std::to_string(getuid()), std::to_string(getpid()), "group",
                                      std::to_string(getuid()), getpwuid(getuid())->pw_name});
    auto remote = Client::connect(host.endpoints()[1]);
    remote.wait_connected(patience);
    REQUIRE(seen.wait([](const auto& all) { return all.size() == 12; }));
    CHECK(seen.get()[6].find("127.0.0.1:") == 0);
    CHECK(seen.get()[7] == "?");
    CHECK(seen.get()[10] + seen.get()[11] == "");

    const auto connections = host.connections();
    REQUIRE(connections.size() == 2);
    CHECK(connections[0] != connections[1]);
    CHECK(connections[0] == connections[0].clone());
    CHECK(connections[0].is_open());
    auto stranger = Client::builder(host.endpoints()[0]).host_user(getuid() + 1).connect();
    CHECK_THROWS_AS(stranger.wait_connected(), callgate::access_denied);
    auto named = Client::builder(host.endpoints()[0]).host_user(getpwuid(getuid())->pw_name).connect();
    named.wait_connected();
    CHECK_THROWS_AS(Client::builder("pipe://nobody").host_user("no such user").connect(), callgate::invalid_argument);
}
#endif

#ifdef _WIN32
TEST_CASE("connections know their peers by SID") {
    Watched<std::vector<std::string>> seen;
    auto host = Host::builder()
                    .endpoint(unique_pipe())
                    .endpoint("tcp://127.0.0.1:0")
                    .delegate("I", echo())
                    .client_connected([&](const Connection& connection) {
                        const auto pid = connection.peer_pid();
                        seen.update([&](auto& all) {
                            all.push_back(connection.peer_user());
                            all.push_back(connection.peer_user_name());
                            all.push_back(pid ? std::to_string(*pid) : "?");
                            all.push_back(connection.peer_uid() || connection.peer_gid() ? "number" : "?");
                        });
                    })
                    .start();
    const std::string user = std::getenv("USERNAME");
    auto local = Client::builder(host.endpoints()[0]).host_user(user).connect();
    local.wait_connected();
    REQUIRE(seen.wait([](const auto& all) { return all.size() == 4; }));
    const std::string sid = seen.get()[0], name = seen.get()[1];
    CHECK(sid.find("S-1-5-21-") == 0);
    REQUIRE(name.size() > user.size());
    CHECK(name.substr(name.size() - user.size() - 1) == "\\" + user);
    CHECK(seen.get()[2] == std::to_string(_getpid()));
    CHECK(seen.get()[3] == "?");
    auto remote = Client::connect(host.endpoints()[1]);
    remote.wait_connected(patience);
    REQUIRE(seen.wait([](const auto& all) { return all.size() == 8; }));
    CHECK(seen.get()[4] + seen.get()[5] == "");
    CHECK(seen.get()[6] == "?");

    auto by_sid = Client::builder(host.endpoints()[0]).host_user(sid).connect();
    by_sid.wait_connected();
    auto stranger = Client::builder(host.endpoints()[0]).host_user("S-1-5-18").connect();
    CHECK_THROWS_AS(stranger.wait_connected(), callgate::access_denied);
    CHECK_THROWS_AS(Client::builder("pipe://nobody").host_user("no such user").connect(), callgate::invalid_argument);
}
#endif

TEST_CASE("a host tells of clients that go, and why") {
    Watched<int> gone;
    const std::string pipe = unique_pipe();
    auto host = Host::builder()
                    .endpoint(pipe)
                    .delegate("I", echo())
                    .client_disconnected([&](const Connection& connection, const callgate::error&) {
                        CHECK_FALSE(connection.is_open());
                        gone.update([](int& count) { count++; });
                        throw std::domain_error("which is logged");
                    })
                    .start();
    {
        auto client = Client::connect(pipe);
        client.wait_connected();
    }
    CHECK(gone.wait([](int count) { return count == 1; }));
    host.close();
    CHECK(host.connections().empty());
}

TEST_CASE("what a handler throws goes to the log, and stops no other") {
    Watched<std::string> logged;
    Watched<int> called;
    const auto log = [&](const callgate::LogEvent& event) {
        if (event.level == callgate::LogLevel::error)
            logged.update([&](std::string& all) { all += event.message; });
        throw 1;
    };
    const auto count = [&](const Connection&) { called.update([](int& count) { count++; }); };
    const auto count_ended = [&](const Connection&, const callgate::error&) {
        called.update([](int& count) { count++; });
    };
    const std::string pipe = unique_pipe();
    auto host = Host::builder()
                    .endpoint(pipe)
                    .delegate("I", echo())
                    .client_connected([](const Connection&) { throw std::domain_error("host connected"); })
                    .client_connected(count)
                    .client_disconnected([](const Connection&, const callgate::error&) { throw 2; })
                    .client_disconnected(count_ended)
                    .log(log)
                    .start();
    auto client = Client::builder(pipe)
                      .connected([](const Connection&) { throw std::domain_error("client connected"); })
                      .connected(count)
                      .disconnected([](const Connection&, const callgate::error&) {
                          throw std::domain_error("client disconnected");
                      })
                      .disconnected(count_ended)
                      .log(log)
                      .connect();
    CHECK(client.proxy("I").call<int>("Echo", 1) == 1);
    client.proxy("I").start<int>("Echo", 1).then([&](callgate::Future<int>) {
        called.update([](int& count) { count++; });
        throw std::domain_error("completed");
    });
    CHECK(called.wait([](int count) { return count == 3; }));
    client.close();
    CHECK(called.wait([](int count) { return count == 5; }));
    host.close();
    const std::string all = logged.get();
    for (const char* thrown : {"host connected", "client connected", "client disconnected", "completed", "threw int"}) {
        CAPTURE(thrown);
        CHECK(all.find(thrown) != std::string::npos);
    }
}

TEST_CASE("interfaces have aliases, at both ends") {
    const std::string pipe = unique_pipe();
    auto host = Host::builder()
                    .endpoint(pipe)
                    .interface_alias("Old.", "INew")
                    .duplex_delegate_factory("INew", "Old.ICallback", [](Proxy callback) {
                        return Delegate().method("Echo", [callback = std::move(callback)](int n) {
                            return callback.call<int>("Echo", n);
                        });
                    })
                    .start();
    auto client = Client::builder(pipe).callback_handler("ICallback", echo()).interface_alias("Old.", "ICallback").connect();
    CHECK(client.proxy("Old.IAny").call<int>("Echo", 7) == 7);
}

TEST_CASE("an ordered interface serves one call at a time") {
    std::atomic<int> inside{0};
    std::atomic<int> most{0};
    const std::string pipe = unique_pipe();
    auto host = Host::builder()
                    .endpoint(pipe)
                    .ordered("I")
                    .delegate("I", Delegate().method("Work", [&](int n) {
                        const int now = ++inside;
                        most = std::max(most.load(), now);
                        std::this_thread::yield();
                        inside--;
                        return n;
                    }))
                    .start();
    auto client = Client::connect(pipe);
    const auto proxy = client.proxy("I");
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; t++)
        threads.emplace_back([&] {
            for (int i = 0; i < 200; i++)
                CHECK(proxy.call<int>("Work", i) == i);
        });
    for (std::thread& thread : threads)
        thread.join();
    CHECK(most == 1);
}

TEST_CASE("limits hold") {
    const std::string pipe = unique_pipe();
    callgate::Limits limits;
    limits.frame_bytes = 100000;
    limits.drain_timeout = 2s;
    limits.spin = 0us;
    auto host = Host::builder()
                    .endpoint(pipe)
                    .limits(limits)
                    .delegate("I", Delegate().method("Make", [](std::size_t n) { return std::string(n, 'x'); }))
                    .start();
    auto client = Client::builder(pipe).limits(limits).call_timeout(callgate::Timeout::none()).connect();
    const auto proxy = client.proxy("I");
    CHECK(proxy.call<std::string>("Make", 1000).size() == 1000);
    const auto result = caught<callgate::limit_exceeded>([&] { proxy.call<std::string>("Make", 1000000); });
    CHECK(result.execution() == callgate::Execution::ran);
    const auto argument = caught<callgate::limit_exceeded>([&] { proxy.call("Make", std::string(1000000, 'x')); });
    CHECK_FALSE(argument.may_have_run());
}

/// The first bytes that a client with these limits sends.
static std::string hello_of(const callgate::Limits& limits) {
    [[maybe_unused]] const Sockets sockets;
    const SOCKET listener = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    REQUIRE(bind(listener, reinterpret_cast<sockaddr*>(&address), size) == 0);
    REQUIRE(listen(listener, 1) == 0);
    REQUIRE(getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) == 0);
    const auto endpoint = "tcp://127.0.0.1:" + std::to_string(ntohs(address.sin_port));
    auto client = Client::builder(endpoint).limits(limits).connect();
    const SOCKET stream = accept(listener, nullptr, nullptr);
    std::uint32_t length = 0;
    REQUIRE(recv(stream, reinterpret_cast<char*>(&length), sizeof length, MSG_WAITALL) == sizeof length);
    std::string hello(length, '\0');
    REQUIRE(recv(stream, hello.data(), length, MSG_WAITALL) == static_cast<decltype(size)>(length));
    closesocket(stream);
    closesocket(listener);
    return hello;
}

TEST_CASE("large frames travel in parts unless limits say no") {
    callgate::Limits limits;
    CHECK(hello_of(limits).find("\xa5parts") != std::string::npos);
    limits.parts = false;
    CHECK(hello_of(limits).find("\xa5parts") == std::string::npos);
}

TEST_CASE("a client goes on to the next of its endpoints") {
    const std::string first = unique_pipe();
    const std::string second = unique_pipe();
    const auto serve = [](const std::string& endpoint) {
        return Host::builder()
            .endpoint(endpoint)
            .delegate("IWho", Delegate().method("Who", [endpoint] { return endpoint; }))
            .start();
    };
    auto one = serve(first);
    const auto two = serve(second);
    const auto client = Client::builder(first + ", " + second).connect();
    const auto proxy = client.proxy("IWho");
    CHECK(proxy.call<std::string>("Who") == first);
    one.close();
    CHECK(proxy.call<std::string>("Who") == second);
    const auto shuffled = Client::builder(first + "," + second).shuffle_endpoints().connect();
    CHECK(shuffled.proxy("IWho").call<std::string>("Who") == second);
    CHECK_THROWS_AS(Client::builder(first + ", tcp://nobody").connect(), callgate::invalid_argument);
}
