#include "bench.hpp"
#include <atomic>
#include <nng/nng.h>
#include <nng/protocol/pipeline0/pull.h>
#include <nng/protocol/pipeline0/push.h>
#include <nng/protocol/reqrep0/rep.h>
#include <nng/protocol/reqrep0/req.h>

// nng carries messages, not calls: ours are one byte that selects the call, then its arguments.
// NNG_OPT_RECVMAXSZ 0: by default messages above 1 MiB are refused.
static void ok(int rc) { bench::check(rc == 0, nng_strerror(rc)); }

// A context handles one request at a time; many share a socket.
struct Context {
    nng_ctx ctx;
    nng_aio* aio;
    explicit Context(nng_socket sock) {
        ok(nng_aio_alloc(&aio, nullptr, nullptr)), ok(nng_ctx_open(&ctx, sock));
    }
    ~Context() { nng_ctx_close(ctx), nng_aio_free(aio); }
    void send(nng_msg* m) {
        nng_aio_set_msg(aio, m);
        nng_ctx_send(ctx, aio);
        nng_aio_wait(aio);
        ok(nng_aio_result(aio));
    }
    nng_msg* recv() {
        nng_ctx_recv(ctx, aio);
        nng_aio_wait(aio);
        ok(nng_aio_result(aio));
        return nng_aio_get_msg(aio);
    }
};

struct Conn {
    std::string addr;
    nng_socket sock = NNG_SOCKET_INITIALIZER, pusher = NNG_SOCKET_INITIALIZER;
    std::unique_ptr<Context> ctx;
    bool owner = false;
    explicit Conn(const std::string& a) : addr(a), owner(true) {
        ok(nng_req0_open(&sock));
        ok(nng_socket_set_size(sock, NNG_OPT_RECVMAXSZ, 0));
        ok(nng_dial(sock, ("ipc://" + addr).c_str(), nullptr, 0));
        ctx = std::make_unique<Context>(sock);
    }
    Conn(const Conn& c) : sock(c.sock), ctx(std::make_unique<Context>(sock)) {}
    ~Conn() {
        ctx.reset();
        if (owner) nng_close(sock);
    }
    nng_msg* call(char op, const void* data, size_t n) {
        nng_msg* m;
        ok(nng_msg_alloc(&m, n + 1));
        char* p = static_cast<char*>(nng_msg_body(m));
        *p = op;
        if (n) memcpy(p + 1, data, n);
        ctx->send(m);
        return ctx->recv();
    }
    int add(int x, int y) {
        int q[2] = {x, y}, r;
        nng_msg* m = call('a', q, sizeof q);
        memcpy(&r, nng_msg_body(m), sizeof r);
        nng_msg_free(m);
        return r;
    }
    void echo(const std::string& data) {
        nng_msg* m = call('e', data.data(), data.size());
        bench::check(nng_msg_len(m) == data.size() + 1 &&
                     static_cast<char*>(nng_msg_body(m))[data.size()] == data.back());
        nng_msg_free(m);
    }
    void post(int n) {
        if (nng_socket_id(pusher) < 0)
            ok(nng_push0_open(&pusher)),
                ok(nng_dial(pusher, ("ipc://" + addr + ".push").c_str(), nullptr, 0));
        ok(nng_send(pusher, &n, sizeof n, 0));
    }
    long count() {
        long r;
        nng_msg* m = call('c', nullptr, 0);
        memcpy(&r, nng_msg_body(m), sizeof r);
        nng_msg_free(m);
        return r;
    }
};

int main(int, char** v) {
    if (strcmp(v[1], "server")) return bench::client<Conn>(v);
    std::string addr = std::string("ipc://") + v[2];
    nng_socket rep, pull;
    ok(nng_rep0_open(&rep));
    ok(nng_socket_set_size(rep, NNG_OPT_RECVMAXSZ, 0));
    ok(nng_pull0_open(&pull));
    ok(nng_listen(rep, addr.c_str(), nullptr, 0));
    ok(nng_listen(pull, (addr + ".push").c_str(), nullptr, 0));
    std::atomic<long> posts = 0;
    auto serve = [&] {
        Context ctx(rep);
        for (;;) {
            nng_msg* m = ctx.recv();
            char* p = static_cast<char*>(nng_msg_body(m));
            if (*p == 'a') {
                int q[2];
                memcpy(q, p + 1, sizeof q);
                q[0] += q[1];
                nng_msg_clear(m);
                ok(nng_msg_append(m, q, sizeof q[0]));
            } else if (*p == 'c') {
                long n = posts;
                nng_msg_clear(m);
                ok(nng_msg_append(m, &n, sizeof n));
            }
            ctx.send(m);  // an echo goes back as it came
        }
    };
    std::vector<std::thread> workers;  // a context each, one for each client of W3
    for (int i = 0; i < 8; i++) workers.emplace_back(serve);
    bench::ready();
    for (nng_msg* m;; posts++) ok(nng_recvmsg(pull, &m, 0)), nng_msg_free(m);
}
