#include "bench.hpp"
#include "Bench.h"
#include <atomic>
#include <thrift/protocol/TBinaryProtocol.h>
#include <thrift/server/TThreadedServer.h>
#include <thrift/transport/TBufferTransports.h>
#include <thrift/transport/TServerSocket.h>
#include <thrift/transport/TSocket.h>

using namespace apache::thrift;

// The default buffer would read large strings in pieces of 512 bytes. Everything that a connection reads
// counts towards the limit of one message (100 MB) until it is reset, which nothing else does.
struct Buffered final : transport::TBufferedTransport {
    explicit Buffered(std::shared_ptr<transport::TTransport> t) : TBufferedTransport(t, 64 << 10) {}
    uint32_t readEnd() override {
        resetConsumedMessageSize();
        return 0;
    }
};
struct BufferedFactory final : transport::TTransportFactory {
    std::shared_ptr<transport::TTransport>
    getTransport(std::shared_ptr<transport::TTransport> t) override {
        return std::make_shared<Buffered>(t);
    }
};

struct Handler final : peers::BenchIf {
    std::atomic<int64_t> posts = 0;
    int32_t add(const int32_t a, const int32_t b) override { return a + b; }
    void echo(std::string& r, const std::string& data) override { r = data; }
    void post(const int32_t) override { posts++; }
    int64_t count() override { return posts; }
};

// A thread for each connection: the server that replies on the thread that received.
struct Conn {
    std::shared_ptr<peers::BenchConcurrentClient> shared;  // the thread-safe client, for W4
    std::unique_ptr<peers::BenchClient> own;
    std::string back;
    explicit Conn(const std::string& addr) {
        auto socket = std::make_shared<transport::TSocket>(addr);
        auto protocol =
            std::make_shared<protocol::TBinaryProtocol>(std::make_shared<Buffered>(socket));
        socket->open();
        own = std::make_unique<peers::BenchClient>(protocol);
        shared = std::make_shared<peers::BenchConcurrentClient>(
            protocol, std::make_shared<async::TConcurrentClientSyncInfo>());
    }
    Conn(const Conn& c) : shared(c.shared) {}
    int add(int x, int y) { return own ? own->add(x, y) : shared->add(x, y); }
    void echo(const std::string& data) {
        own->echo(back, data);
        bench::check(back.size() == data.size() && back.back() == data.back());
    }
    void post(int n) { own->post(n); }
    long count() { return own->count(); }
};

int main(int, char** v) {
    if (strcmp(v[1], "server")) return bench::client<Conn>(v);
    server::TThreadedServer server(
        std::make_shared<peers::BenchProcessor>(std::make_shared<Handler>()),
        std::make_shared<transport::TServerSocket>(std::string(v[2])),
        std::make_shared<BufferedFactory>(), std::make_shared<protocol::TBinaryProtocolFactory>());
    struct Ready final : server::TServerEventHandler {
        void preServe() override { bench::ready(); }
    };
    server.setServerEventHandler(std::make_shared<Ready>());
    server.serve();
}
