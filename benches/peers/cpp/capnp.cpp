#include "bench.hpp"
#include "bench.capnp.h"
#include <capnp/ez-rpc.h>

struct Server final : Bench::Server {
    kj::Maybe<Visitor::Client> visitor;
    int64_t posts = 0;
    kj::Promise<void> add(AddContext c) override {
        auto p = c.getParams();
        c.getResults().setN(p.getA() + p.getB());
        return kj::READY_NOW;
    }
    kj::Promise<void> echo(EchoContext c) override {
        auto d = c.getParams().getData();
        c.getResults(capnp::MessageSize{d.size() / 8 + 16, 0}).setData(d);
        return kj::READY_NOW;
    }
    kj::Promise<void> meet(MeetContext c) override {
        visitor = c.getParams().getVisitor();
        return kj::READY_NOW;
    }
    kj::Promise<void> visit(VisitContext c) override {
        auto q = KJ_ASSERT_NONNULL(visitor).visitedRequest();
        q.setN(c.getParams().getN());
        return q.send().then([c](auto&& r) mutable { c.getResults().setN(r.getN()); });
    }
    kj::Promise<void> post(PostContext) override {
        posts++;
        return kj::READY_NOW;
    }
    kj::Promise<void> count(CountContext c) override {
        c.getResults().setN(posts);
        return kj::READY_NOW;
    }
};

struct Visited final : Visitor::Server {
    kj::Promise<void> visited(VisitedContext c) override {
        c.getResults().setN(c.getParams().getN() + 1);
        return kj::READY_NOW;
    }
};

// Bound to its thread's event loop, so no W4: other threads would have to pass their calls to it.
struct Conn {
    // By default 64 MiB of a message may be read, repeated reads included.
    capnp::ReaderOptions limits{uint64_t(1) << 30, 64};
    capnp::EzRpcClient client;
    Bench::Client server;
    bool met = false;
    explicit Conn(const std::string& addr)
        : client("unix:" + addr, 0, limits), server(client.getMain<Bench>()) {}
    Conn(const Conn&) = delete;
    int add(int x, int y) {
        auto q = server.addRequest();
        q.setA(x), q.setB(y);
        return q.send().wait(client.getWaitScope()).getN();
    }
    void echo(const std::string& data) {
        auto q = server.echoRequest(capnp::MessageSize{data.size() / 8 + 16, 0});
        q.setData(capnp::Data::Reader(reinterpret_cast<const kj::byte*>(data.data()), data.size()));
        auto r = q.send().wait(client.getWaitScope());
        bench::check(r.getData().size() == data.size() && char(r.getData().back()) == data.back());
    }
    int visit(int n) {
        if (!met) {
            auto q = server.meetRequest();
            q.setVisitor(kj::heap<Visited>());
            q.send().wait(client.getWaitScope());
            met = true;
        }
        auto q = server.visitRequest();
        q.setN(n);
        return q.send().wait(client.getWaitScope()).getN();
    }
    void post(int n) {  // a streaming call: waits only when the flow-control window is full
        auto q = server.postRequest();
        q.setN(n);
        q.send().wait(client.getWaitScope());
    }
    long count() { return server.countRequest().send().wait(client.getWaitScope()).getN(); }
};

int main(int, char** v) {
    if (strcmp(v[1], "server")) return bench::client<Conn>(v);
    capnp::EzRpcServer server(kj::heap<Server>(), std::string("unix:") + v[2], 0,
                              capnp::ReaderOptions{uint64_t(1) << 30, 64});
    server.getPort().wait(server.getWaitScope());
    bench::ready();
    kj::NEVER_DONE.wait(server.getWaitScope());
}
