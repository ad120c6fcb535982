#include "bench.hpp"
#include <atomic>
#include <callgate.h>
#include <unistd.h>

// Callgate through its C header and its shared library, with their writer and reader, and all limits
// at their defaults.
static void ok(callgate_status status, callgate_error* error) {
    bench::check(status == CALLGATE_STATUS_OK, callgate_error_description(error, nullptr));
}

// Builds MessagePack values; the memory is reused.
struct Writer {
    callgate_writer* w = callgate_writer_new();
    const void* data = nullptr;
    size_t length = 0;
    Writer() = default;
    Writer(const Writer&) = delete;
    ~Writer() { callgate_writer_free(w); }
    template <class F> Writer& write(F values) {
        callgate_error* e = nullptr;
        callgate_writer_reset(w);
        values(w);
        ok(callgate_writer_finish(w, &data, &length, &e), e);
        return *this;
    }
    Writer& numbers(std::initializer_list<int> arguments) {
        return write([&](callgate_writer* to) {
            callgate_writer_array(to, arguments.size());
            for (int n : arguments) callgate_writer_int(to, n);
        });
    }
    Writer& number(int64_t n) {
        return write([&](callgate_writer* to) { callgate_writer_int(to, n); });
    }
};

// The result of a call.
struct Reply {
    callgate_buffer buffer{};
    callgate_reader reader{};
    callgate_error* e = nullptr;
    Reply(callgate_proxy* proxy, const char* method, const Writer& arguments) {
        ok(callgate_proxy_call(proxy, method, arguments.data, arguments.length, nullptr, &buffer,
                               &e),
           e);
        ok(callgate_reader_init(&reader, buffer.data, buffer.length, &e), e);
    }
    Reply(const Reply&) = delete;
    ~Reply() { callgate_buffer_free(&buffer); }
    int64_t number() {
        int64_t n;
        ok(callgate_reader_int64(&reader, &n, &e), e);
        return n;
    }
};

static int32_t argument(callgate_reader& from) {
    callgate_error* e = nullptr;
    int32_t n;
    ok(callgate_reader_int32(&from, &n, &e), e);
    return n;
}

static callgate_reader arguments(const callgate_call* call, size_t count) {
    callgate_error* e = nullptr;
    callgate_reader r;
    ok(callgate_call_read_arguments(call, count, &r, &e), e);
    return r;
}

static void answer(callgate_call* call, const Writer& value) {
    callgate_error* e = nullptr;
    ok(callgate_call_reply(call, value.data, value.length, &e), e);
}

static void visited(void*, callgate_call* call) {
    auto from = arguments(call, 1);
    answer(call, Writer().number(argument(from) + 1));
}

struct Conn {
    callgate_client* client = nullptr;
    callgate_proxy* server = nullptr;
    callgate_error* e = nullptr;
    Writer writer;
    explicit Conn(const std::string& addr) {
        ok(callgate_client_new(("unix://" + addr).c_str(), nullptr, &client, &e), e);
        ok(callgate_client_add_callback_handler(client, "IVisitor", visited, nullptr, nullptr, &e),
           e);
        ok(callgate_client_start(client, &e), e);
        ok(callgate_client_wait_connected(client, CALLGATE_TIMEOUT_DEFAULT, &e), e);
        ok(callgate_proxy_new(client, "IBench", &server, &e), e);
    }
    Conn(const Conn& c) { ok(callgate_proxy_clone(c.server, &server, &e), e); }
    ~Conn() {
        callgate_proxy_free(server);
        callgate_client_free(client);
    }
    int add(int x, int y) { return int(Reply(server, "Add", writer.numbers({x, y})).number()); }
    void echo(const std::string& data) {
        writer.write([&](callgate_writer* to) {
            callgate_writer_array(to, 1);
            callgate_writer_binary(to, data.data(), data.size());
        });
        Reply back(server, "Echo", writer);
        const void* p;
        size_t n;
        ok(callgate_reader_binary(&back.reader, &p, &n, &e), e);
        bench::check(n == data.size() && static_cast<const char*>(p)[n - 1] == data.back());
    }
    int visit(int n) { return int(Reply(server, "Visit", writer.numbers({n})).number()); }
    void post(int n) {
        writer.numbers({n});
        ok(callgate_proxy_one_way(server, "Post", writer.data, writer.length, nullptr, &e), e);
    }
    long count() { return Reply(server, "Count", writer.numbers({})).number(); }
};

struct Server {  // of one connection
    callgate_proxy* visitor = nullptr;
    std::atomic<int64_t> posts = 0;  // calls run at once on several threads
    ~Server() { callgate_proxy_free(visitor); }
    void invoke(callgate_call* call) {
        thread_local Writer writer;
        std::string_view method = callgate_call_method(call, nullptr);
        if (method == "Add") {
            auto from = arguments(call, 2);
            int32_t a = argument(from);
            answer(call, writer.number(a + argument(from)));
        } else if (method == "Echo") {
            answer(call, bytes(call, writer));
        } else if (method == "Visit") {
            auto from = arguments(call, 1);
            Reply reply(visitor, "Visited", writer.numbers({argument(from)}));
            answer(call, writer.number(reply.number()));
        } else if (method == "Post") {
            posts++;
        } else if (method == "Count") {
            answer(call, writer.number(posts));
        }
    }
    static Writer& bytes(callgate_call* call, Writer& writer) {
        callgate_error* e = nullptr;
        auto from = arguments(call, 1);
        const void* p;
        size_t n;
        ok(callgate_reader_binary(&from, &p, &n, &e), e);
        return writer.write([&](callgate_writer* to) { callgate_writer_binary(to, p, n); });
    }
};

static callgate_status make(void*, callgate_connection*, callgate_proxy* callback,
                            callgate_delegate* delegate, callgate_error** error) {
    auto server = std::make_unique<Server>();
    auto status = callgate_proxy_clone(callback, &server->visitor, error);
    delegate->invoke = [](void* server, callgate_call* call) {
        static_cast<Server*>(server)->invoke(call);
    };
    delegate->user_data = server.release();
    delegate->user_data_free = [](void* server) { delete static_cast<Server*>(server); };
    return status;
}

int main(int, char** v) {
    if (strcmp(v[1], "server")) return bench::client<Conn>(v);
    callgate_host* host = nullptr;
    callgate_error* e = nullptr;
    ok(callgate_host_new(nullptr, &host, &e), e);
    ok(callgate_host_add_duplex_delegate_factory(host, "IBench", "IVisitor", make, nullptr, nullptr,
                                                 &e),
       e);
    ok(callgate_host_add_endpoint(host, ("unix://" + std::string(v[2])).c_str(), &e), e);
    ok(callgate_host_start(host, &e), e);
    bench::ready();
    pause();  // until it is not needed any more
}
