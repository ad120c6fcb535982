#include "support.hpp"

using namespace callgate;

TEST_CASE("peers are known by their certificates") {
    const std::string key = "sha256:27a0224bcca58ad93973090ee3e0865291ab6f7340c7a9514fb967d2e6e6b022";
    const std::string keys = CALLGATE_TEST_KEYS;
    const auto host = Host::builder()
                          .endpoint("tls://127.0.0.1:0?certificate=" + keys + "/test.pem&key=" + keys
                                    + "/test.key&trust=" + key)
                          .start();
    // Both sides have the same key.
    const auto client = Client::connect(host.endpoints()[0]);
    // Once the host has replied, it has the connection too.
    client.proxy("callgate.Host").call<std::vector<std::string>>("Interfaces");
    const auto check = [&](const Connection& connection) {
        CHECK(connection.peer_key() == key);
        CHECK(connection.peer_common_name() == "A test");
        CHECK(connection.peer_names()
              == std::vector<std::string>{"tests.example", "other.example", "urn:callgate:tests"});
    };
    check(client.connection());
    check(host.connections().at(0));
    const auto plain = Host::builder().endpoint(unique_pipe()).start();
    const auto local = Client::connect(plain.endpoints()[0]);
    local.wait_connected(patience);
    CHECK(local.connection().peer_key().empty());
    CHECK(local.connection().peer_names().empty());
}
