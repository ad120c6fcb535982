#include "bench.hpp"
#include <sys/socket.h>
#include <sys/un.h>
#include <systemd/sd-bus.h>
#include <unistd.h>

// sd-bus connected directly to its peer over a Unix socket: no bus daemon, so no destination names.
static int ok(int rc) {
    bench::check(rc >= 0, strerror(-rc));
    return rc;
}

static void pump(sd_bus* bus) {
    int r = ok(sd_bus_process(bus, nullptr));
    if (r == 0) ok(sd_bus_wait(bus, UINT64_MAX));
}

static int visited(sd_bus_message* m, void*, sd_bus_error*) {
    int n;
    ok(sd_bus_message_read(m, "i", &n));
    return sd_bus_reply_method_return(m, "i", n + 1);
}
static const sd_bus_vtable visitor_vtable[] = {
    SD_BUS_VTABLE_START(0), SD_BUS_METHOD("Visited", "i", "i", visited, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_VTABLE_END};

struct Conn {  // an sd_bus belongs to one thread, so no W4
    sd_bus* bus;
    size_t posts = 0;
    explicit Conn(const std::string& addr) {
        ok(sd_bus_new(&bus));
        ok(sd_bus_set_address(bus, ("unix:path=" + addr).c_str()));
        ok(sd_bus_start(bus));
        ok(sd_bus_add_object_vtable(bus, nullptr, "/v", "p.Visitor", visitor_vtable, nullptr));
    }
    Conn(const Conn&) = delete;
    ~Conn() { sd_bus_flush_close_unref(bus); }
    int add(int x, int y) {
        sd_bus_message* r;
        int n;
        ok(sd_bus_call_method(bus, nullptr, "/b", "p.Bench", "Add", nullptr, &r, "ii", x, y));
        ok(sd_bus_message_read(r, "i", &n));
        sd_bus_message_unref(r);
        return n;
    }
    void echo(const std::string& data) {
        sd_bus_message *m, *r;
        const void* p;
        size_t n;
        ok(sd_bus_message_new_method_call(bus, &m, nullptr, "/b", "p.Bench", "Echo"));
        ok(sd_bus_message_append_array(m, 'y', data.data(), data.size()));
        ok(sd_bus_call(bus, m, 0, nullptr, &r));
        ok(sd_bus_message_read_array(r, 'y', &p, &n));
        bench::check(n == data.size() && static_cast<const char*>(p)[n - 1] == data.back());
        sd_bus_message_unref(m);
        sd_bus_message_unref(r);
    }
    int visit(
        int n) {  // a blocking call would leave the callback waiting in the queue, so send and pump
        int result = -1;
        auto done = [](sd_bus_message* m, void* to, sd_bus_error*) {
            return ok(sd_bus_message_read(m, "i", static_cast<int*>(to)));
        };
        ok(sd_bus_call_method_async(bus, nullptr, nullptr, "/b", "p.Bench", "Visit", done, &result,
                                    "i", n));
        while (result < 0) pump(bus);
        return result;
    }
    void post(int n) {
        sd_bus_message* m;
        ok(sd_bus_message_new_method_call(bus, &m, nullptr, "/b", "p.Bench", "Post"));
        ok(sd_bus_message_set_expect_reply(m, 0));
        ok(sd_bus_message_append(m, "i", n));
        ok(sd_bus_send(bus, m, nullptr));
        sd_bus_message_unref(m);
        if (++posts % 1024 == 0) ok(sd_bus_flush(bus));  // its queue has a bound
    }
    long count() {
        sd_bus_message* r;
        int64_t n;
        ok(sd_bus_call_method(bus, nullptr, "/b", "p.Bench", "Count", nullptr, &r, ""));
        ok(sd_bus_message_read(r, "x", &n));
        sd_bus_message_unref(r);
        return n;
    }
};

static int add(sd_bus_message* m, void*, sd_bus_error*) {
    int a, b;
    ok(sd_bus_message_read(m, "ii", &a, &b));
    return sd_bus_reply_method_return(m, "i", a + b);
}
static int echo(sd_bus_message* m, void*, sd_bus_error*) {
    const void* p;
    size_t n;
    sd_bus_message* r;
    ok(sd_bus_message_read_array(m, 'y', &p, &n));
    ok(sd_bus_message_new_method_return(m, &r));
    ok(sd_bus_message_append_array(r, 'y', p, n));
    ok(sd_bus_send(nullptr, r, nullptr));
    sd_bus_message_unref(r);
    return 1;
}
static int visit(sd_bus_message* m, void*, sd_bus_error*) {
    int n;
    sd_bus_message* r;
    ok(sd_bus_message_read(m, "i", &n));
    ok(sd_bus_call_method(sd_bus_message_get_bus(m), nullptr, "/v", "p.Visitor", "Visited", nullptr,
                          &r, "i", n));
    ok(sd_bus_message_read(r, "i", &n));
    sd_bus_message_unref(r);
    return sd_bus_reply_method_return(m, "i", n);
}
static int post(sd_bus_message*, void* posts, sd_bus_error*) {
    ++*static_cast<int64_t*>(posts);
    return 1;
}
static int count(sd_bus_message* m, void* posts, sd_bus_error*) {
    return sd_bus_reply_method_return(m, "x", *static_cast<int64_t*>(posts));
}
static const sd_bus_vtable bench_vtable[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_METHOD("Add", "ii", "i", add, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("Echo", "ay", "ay", echo, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("Visit", "i", "i", visit, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("Post", "i", "", post,
                  SD_BUS_VTABLE_UNPRIVILEGED | SD_BUS_VTABLE_METHOD_NO_REPLY),
    SD_BUS_METHOD("Count", "", "x", count, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_VTABLE_END};

static void serve(int fd) {
    sd_bus* bus;
    sd_id128_t id;
    int64_t posts = 0;
    ok(sd_id128_randomize(&id));
    ok(sd_bus_new(&bus));
    ok(sd_bus_set_fd(bus, fd, fd));
    ok(sd_bus_set_server(bus, 1, id));
    ok(sd_bus_add_object_vtable(bus, nullptr, "/b", "p.Bench", bench_vtable, &posts));
    ok(sd_bus_start(bus));
    try {
        for (;;) pump(bus);
    } catch (std::exception&) {
    }  // the client has gone
    sd_bus_close_unref(bus);
}

int main(int, char** v) {
    if (strcmp(v[1], "server")) return bench::client<Conn>(v);
    sockaddr_un a{};
    a.sun_family = AF_UNIX;
    strncpy(a.sun_path, v[2], sizeof a.sun_path - 1);
    int l = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bench::check(bind(l, reinterpret_cast<sockaddr*>(&a), sizeof a) == 0 && listen(l, 64) == 0,
                 "listen");
    bench::ready();
    for (int fd; (fd = accept4(l, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK)) >= 0;)
        std::thread(serve, fd).detach();
}
