/// What peers cause to be logged: whole lines, and few of them.

#include "support.hpp"

#include <optional>
#include <unistd.h>

using callgate::Client;
using callgate::Connection;
using callgate::Host;

namespace {

/// A host whose connected handler throws an exception with this text.
Host throwing_host(const std::string& pipe, std::string text, Watched<std::vector<std::string>>& lines) {
    return Host::builder()
        .endpoint(pipe)
        .client_connected([text](const Connection&) { throw std::runtime_error(text); })
        .log([&](const callgate::LogEvent& event) {
            lines.update([&](auto& all) { all.emplace_back(event.message); });
        })
        .start();
}

void come_and_go(const std::string& pipe) {
    auto client = Client::builder(pipe).connect();
    client.wait_connected(patience);
    client.close();
}

std::size_t count(const std::vector<std::string>& lines, const char* words) {
    std::size_t found = 0;
    for (const std::string& line : lines)
        found += line.find(words) != std::string::npos ? 1 : 0;
    return found;
}

} // namespace

TEST_CASE("the text of an exception forges no line of the log, and is cut") {
    const std::string pipe = unique_pipe();
    Watched<std::vector<std::string>> lines;
    const std::string forged = "a\r\nb\x1b[2Jc\xc2\x9b" "d\xe2\x80\xa8" "e\xe2\x80\xae";
    auto host = throwing_host(pipe, forged + std::string(100000, 'x'), lines);
    come_and_go(pipe);
    CHECK(lines.wait([](const auto& all) { return count(all, "a connected handler threw") == 1; }));
    for (const std::string& line : lines.get()) {
        if (count({line}, "a connected handler") == 0)
            continue;
        CHECK(line.find("a\\x0d\\x0ab\\x1b[2Jc\\xc2\\x9bd\\xe2\\x80\\xa8e\\xe2\\x80\\xaexxx") != std::string::npos);
        CHECK(line.find("bytes more)") != std::string::npos);
        CHECK(line.size() < 9000);
    }
}

TEST_CASE("handlers that throw do not fill the log") {
    const std::string pipe = unique_pipe();
    Watched<std::vector<std::string>> lines;
    auto host = throwing_host(pipe, "no", lines);
    const auto began = std::chrono::steady_clock::now();
    for (int i = 0; i < 60; i++)
        come_and_go(pipe);
    const std::size_t logged = count(lines.get(), "a connected handler threw");
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - began);
    REQUIRE(logged <= 10 * (std::size_t(seconds.count()) + 2));
    while (count(lines.get(), "more failed handlers were not logged") == 0)
        come_and_go(pipe);
}

TEST_CASE("log events say what they are about") {
    struct Failure {
        std::string target, interface_name, method, peer_user;
        std::optional<callgate::Status> status;
        std::optional<std::uint64_t> connection;
        std::optional<std::uint32_t> peer_pid;
    };
    const std::string pipe = unique_pipe();
    Watched<std::vector<Failure>> failures;
    const auto host = Host::builder()
                          .endpoint(pipe)
                          .delegate("INotes", callgate::Delegate().method("Known", [] {}))
                          .log([&](const callgate::LogEvent& event) {
                              if (event.message.find("INotes.Missing failed") == std::string_view::npos)
                                  return;
                              failures.update([&](auto& all) {
                                  all.push_back({std::string(event.target), std::string(event.interface_name),
                                                 std::string(event.method), std::string(event.peer_user),
                                                 event.status, event.connection, event.peer_pid});
                              });
                          })
                          .start();
    const auto client = Client::builder(pipe).connect();
    client.proxy("INotes").one_way("Missing");
    REQUIRE(failures.wait([](const auto& all) { return all.size() == 1; }));
    const Failure failure = failures.get().front();
    CHECK(failure.target == "callgate::connection");
    CHECK(failure.interface_name == "INotes");
    CHECK(failure.method == "Missing");
    CHECK(failure.status == callgate::Status::contract_mismatch);
    CHECK(failure.connection.has_value());
    CHECK(failure.peer_pid == std::uint32_t(getpid()));
#ifdef _WIN32
    CHECK(failure.peer_user.find("S-1-") == 0);
#else
    CHECK(failure.peer_user == std::to_string(getuid()));
#endif
}
