/// Recordings of what passes on connections.

#include "support.hpp"

#include <cstdio>
#include <fstream>
#include <iterator>

using callgate::Client;
using callgate::Host;

namespace {

std::string content(const std::string& file) {
    std::ifstream opened(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(opened), {}};
}

} // namespace

TEST_CASE("a host and a client record what passes") {
    const std::string pipe = unique_pipe();
    const std::string name = "/tmp/" + pipe.substr(pipe.find("//") + 2);
    callgate::Trace on_host{name + "-host", true};
    callgate::Trace on_client{name + "-client"};
    on_client.limit = 1 << 20;
    {
        auto host = Host::builder().endpoint(pipe).trace(on_host).start();
        auto client = Client::builder(pipe).trace(on_client).connect();
        client.wait_connected(patience);
        client.close();
        host.close();
    }
    CHECK(content(on_host.file).substr(0, 4) == "\x0a\x0d\x0d\x0a");
    CHECK(content(on_client.file).size() > 300);
    CHECK_THROWS_AS(Client::builder(pipe).trace(on_client).connect(), callgate::invalid_argument);
    std::remove(on_host.file.c_str());
    std::remove(on_client.file.c_str());
}
