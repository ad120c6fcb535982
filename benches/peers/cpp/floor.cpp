#include "bench.hpp"
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

// No RPC system, only the simplest code that does the same: the rest of a call's time is the operating
// system's. A frame is its length, one byte that selects the call, then the arguments. With PEERS_SPIN
// set it spins for 20 us before it sleeps, as Callgate does where that pays.
static const bool spins = getenv("PEERS_SPIN");

struct Head {
    uint32_t length;  // of what follows the head
    char op;
} __attribute__((packed));

struct Closed {};

class Pipe {
    int fd;
    std::vector<char> buffer = std::vector<char>(64 << 10);
    size_t begin = 0, end = 0;

    size_t receive(char* to, size_t n) {
        ssize_t got = -1;
        for (double from = now(); spins && got < 0 && now() - from < 20;)
            got = recv(fd, to, n, MSG_DONTWAIT);
        if (got < 0) got = recv(fd, to, n, 0);
        if (got <= 0) throw Closed();
        return size_t(got);
    }
    static double now() { return bench::now(); }

public:
    explicit Pipe(int fd) : fd(fd) {}
    Pipe(const Pipe&) = delete;
    ~Pipe() { close(fd); }

    void send(char op, const void* data, size_t n) {
        Head head{uint32_t(n), op};
        iovec parts[] = {{&head, sizeof head}, {const_cast<void*>(data), n}};
        ssize_t sent = writev(fd, parts, 2);
        if (sent < ssize_t(sizeof head)) throw Closed();
        for (size_t done = size_t(sent) - sizeof head; done < n; done += size_t(sent))
            if ((sent = write(fd, static_cast<const char*>(data) + done, n - done)) <= 0)
                throw Closed();
    }
    void take(void* to, size_t n) {
        auto at = static_cast<char*>(to);
        while (n) {
            if (begin == end && n >= buffer.size()) {  // large: not through the buffer
                size_t got = receive(at, n);
                at += got, n -= got;
                continue;
            }
            if (begin == end) begin = 0, end = receive(buffer.data(), buffer.size());
            size_t part = std::min(n, end - begin);
            memcpy(at, buffer.data() + begin, part);
            begin += part, at += part, n -= part;
        }
    }
    template <class T> T take() {
        T value;
        take(&value, sizeof value);
        return value;
    }
};

static sockaddr_un name_of(const std::string& addr) {
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    strncpy(name.sun_path, addr.c_str(), sizeof name.sun_path - 1);
    return name;
}

static int connected(const std::string& addr) {
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    auto name = name_of(addr);
    bench::check(connect(fd, reinterpret_cast<sockaddr*>(&name), sizeof name) == 0, "connect");
    return fd;
}

struct Conn {  // one call at a time: to share it takes what the others are made of, so no W4
    Pipe pipe;
    std::string back;
    explicit Conn(const std::string& addr) : pipe(connected(addr)) {}
    int add(int x, int y) {
        int numbers[] = {x, y};
        pipe.send('a', numbers, sizeof numbers);
        pipe.take<Head>();
        return pipe.take<int>();
    }
    void echo(const std::string& data) {
        pipe.send('e', data.data(), data.size());
        back.resize(pipe.take<Head>().length);
        pipe.take(back.data(), back.size());
        bench::check(back.size() == data.size() && back.back() == data.back());
    }
    int visit(int n) {
        pipe.send('v', &n, sizeof n);
        pipe.take<Head>();
        int visited = pipe.take<int>() + 1;
        pipe.send('r', &visited, sizeof visited);
        pipe.take<Head>();
        return pipe.take<int>();
    }
    void post(int n) { pipe.send('p', &n, sizeof n); }
    long count() {
        pipe.send('c', nullptr, 0);
        pipe.take<Head>();
        return pipe.take<long>();
    }
};

static void serve(int fd) {
    Pipe pipe(fd);
    std::string data;
    long posts = 0;
    try {
        for (;;) {
            Head head = pipe.take<Head>();
            data.resize(head.length);
            pipe.take(data.data(), data.size());
            int numbers[2] = {};
            memcpy(numbers, data.data(), std::min(data.size(), sizeof numbers));
            if (head.op == 'a') {
                numbers[0] += numbers[1];
                pipe.send('r', numbers, sizeof numbers[0]);
            } else if (head.op == 'e') {
                pipe.send('r', data.data(), data.size());
            } else if (head.op == 'v') {
                pipe.send('v', numbers, sizeof numbers[0]);
                pipe.take<Head>();
                numbers[0] = pipe.take<int>();
                pipe.send('r', numbers, sizeof numbers[0]);
            } else if (head.op == 'p') {
                posts++;
            } else {
                pipe.send('r', &posts, sizeof posts);
            }
        }
    } catch (Closed) {
    }  // the client has gone
}

int main(int, char** v) {
    if (strcmp(v[1], "server")) return bench::client<Conn>(v);
    auto name = name_of(v[2]);
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bench::check(bind(listener, reinterpret_cast<sockaddr*>(&name), sizeof name) == 0 &&
                     listen(listener, 64) == 0,
                 "listen");
    bench::ready();
    for (int fd; (fd = accept(listener, nullptr, nullptr)) >= 0;) std::thread(serve, fd).detach();
}
