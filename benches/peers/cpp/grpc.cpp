#include "bench.hpp"
#include "bench.grpc.pb.h"
#include <grpcpp/grpcpp.h>

struct Service final : peers::Bench::Service {
    grpc::Status Add(grpc::ServerContext*, const peers::Pair* q, peers::Num* r) override {
        r->set_n(q->a() + q->b());
        return grpc::Status::OK;
    }
    grpc::Status Echo(grpc::ServerContext*, const peers::Blob* q, peers::Blob* r) override {
        r->set_data(q->data());
        return grpc::Status::OK;
    }
    grpc::Status Post(grpc::ServerContext*, grpc::ServerReader<peers::Num>* in,
                      peers::Num* r) override {
        peers::Num m;
        int n = 0;
        while (in->Read(&m)) n++;
        r->set_n(n);
        return grpc::Status::OK;
    }
};

// The synchronous API: the rate was the same with the callback API, and with a channel optimised for
// latency. No size limit; by default messages above 4 MiB are refused. Sharing a channel between threads
// is the normal use; a channel per thread needs a local subchannel pool, since otherwise all channels to
// one target share a single connection.
struct Conn {
    std::shared_ptr<peers::Bench::Stub> stub;
    std::unique_ptr<grpc::ClientContext> ctx;
    std::unique_ptr<grpc::ClientWriter<peers::Num>> writer;
    peers::Num posted;
    peers::Blob blob, back;
    explicit Conn(const std::string& addr) {
        grpc::ChannelArguments args;
        args.SetMaxReceiveMessageSize(-1);
        args.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
        stub = peers::Bench::NewStub(
            grpc::CreateCustomChannel("unix:" + addr, grpc::InsecureChannelCredentials(), args));
    }
    Conn(const Conn& c) : stub(c.stub) {}
    int add(int x, int y) {
        grpc::ClientContext c;
        peers::Pair q;
        peers::Num r;
        q.set_a(x), q.set_b(y);
        auto s = stub->Add(&c, q, &r);
        bench::check(s.ok(), s.error_message().c_str());
        return r.n();
    }
    void echo(const std::string& data) {
        grpc::ClientContext c;
        blob.set_data(data);
        auto s = stub->Echo(&c, blob, &back);
        bench::check(s.ok(), s.error_message().c_str());
        bench::check(back.data().size() == data.size() && back.data().back() == data.back());
    }
    void post(int n) {
        if (!writer)
            ctx = std::make_unique<grpc::ClientContext>(), writer = stub->Post(ctx.get(), &posted);
        peers::Num m;
        m.set_n(n);
        bench::check(writer->Write(
            m, grpc::WriteOptions().set_buffer_hint()));  // else a system call for each
    }
    long count() {
        writer->WritesDone();
        bench::check(writer->Finish().ok());
        return posted.n();
    }
};

int main(int, char** v) {
    if (strcmp(v[1], "server")) return bench::client<Conn>(v);
    Service service;
    grpc::ServerBuilder b;
    b.SetMaxReceiveMessageSize(-1);
    b.AddListeningPort(std::string("unix:") + v[2], grpc::InsecureServerCredentials());
    // With the default of one or two waiting threads, it keeps starting and ending threads in W3.
    b.SetSyncServerOption(grpc::ServerBuilder::SyncServerOption::MIN_POLLERS, 4);
    b.SetSyncServerOption(grpc::ServerBuilder::SyncServerOption::MAX_POLLERS, 16);
    b.RegisterService(&service);
    auto server = b.BuildAndStart();
    bench::check(server != nullptr, "listen");
    bench::ready();
    server->Wait();
}
