#include "bench.hpp"
#include <atomic>
#include <zmq.h>

// ZeroMQ carries messages, not calls: ours are one byte that selects the call, then its arguments.
// All options have their defaults: a high-water mark of 100,000 made W6 slower.
static void ok(int rc) { bench::check(rc >= 0, zmq_strerror(zmq_errno())); }
static void* context() {
    static void* c = zmq_ctx_new();
    return c;
}

struct Conn {  // a REQ socket belongs to one thread, so no W4
    std::string addr;
    void *req, *push = nullptr;
    zmq_msg_t in;
    explicit Conn(const std::string& a) : addr(a), req(zmq_socket(context(), ZMQ_REQ)) {
        ok(zmq_connect(req, ("ipc://" + addr).c_str()));
        zmq_msg_init(&in);
    }
    Conn(const Conn&) = delete;
    ~Conn() {
        zmq_msg_close(&in);
        zmq_close(req);
    }
    char* call(char op, const void* data, size_t n) {
        zmq_msg_t m;
        ok(zmq_msg_init_size(&m, n + 1));
        char* p = static_cast<char*>(zmq_msg_data(&m));
        *p = op;
        if (n) memcpy(p + 1, data, n);
        ok(zmq_msg_send(&m, req, 0));
        ok(zmq_msg_recv(&in, req, 0));
        return static_cast<char*>(zmq_msg_data(&in));
    }
    int add(int x, int y) {
        int q[2] = {x, y}, r;
        memcpy(&r, call('a', q, sizeof q), sizeof r);
        return r;
    }
    void echo(const std::string& data) {
        char* p = call('e', data.data(), data.size());
        bench::check(zmq_msg_size(&in) == data.size() + 1 && p[data.size()] == data.back());
    }
    void post(int n) {
        if (!push)
            push = zmq_socket(context(), ZMQ_PUSH),
            ok(zmq_connect(push, ("ipc://" + addr + ".push").c_str()));
        ok(zmq_send(push, &n, sizeof n, 0));
    }
    long count() {
        long r;
        memcpy(&r, call('c', nullptr, 0), sizeof r);
        return r;
    }
};

int main(int, char** v) {
    if (strcmp(v[1], "server")) return bench::client<Conn>(v);
    std::string addr = std::string("ipc://") + v[2];
    void *rep = zmq_socket(context(), ZMQ_REP), *pull = zmq_socket(context(), ZMQ_PULL);
    ok(zmq_bind(rep, addr.c_str()));
    ok(zmq_bind(pull, (addr + ".push").c_str()));
    std::atomic<long> posts = 0;
    std::thread drain([&] {
        for (int n;;) ok(zmq_recv(pull, &n, sizeof n, 0)), posts++;
    });
    bench::ready();
    zmq_msg_t m;
    zmq_msg_init(&m);
    for (;;) {
        ok(zmq_msg_recv(&m, rep, 0));
        char* p = static_cast<char*>(zmq_msg_data(&m));
        if (*p == 'a') {
            int q[2];
            memcpy(q, p + 1, sizeof q);
            q[0] += q[1];
            ok(zmq_send(rep, q, sizeof q[0], 0));
        } else if (*p == 'c') {
            long n = posts;
            ok(zmq_send(rep, &n, sizeof n, 0));
        } else
            ok(zmq_msg_send(&m, rep, 0));  // an echo goes back as it came
    }
}
