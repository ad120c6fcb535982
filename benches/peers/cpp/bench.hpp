// Shared by the C++ peers: the six workloads, their timing and the JSON line.
// A peer defines Conn(addr) with add and echo; and if supported: visit (W5), post and count (W6),
// and a copy constructor that gives another thread its handle to the same connection (W4).
//   prog server ADDR   |   prog client ADDR WORKLOAD SIZE SECS LEAST MSGS
#pragma once
#include <algorithm>
#include <barrier>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <type_traits>
#include <vector>

namespace bench {

inline double now() {  // microseconds
    timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

// CPU time of this process and of the server's, in microseconds.
inline double processor_time() {
    static const clockid_t server = [] {
        clockid_t clock;
        const char* pid = getenv("PEERS_SERVER");
        if (!pid || clock_getcpuclockid(atoi(pid), &clock))
            throw std::runtime_error("PEERS_SERVER has to be the server's pid");
        return clock;
    }();
    double sum = 0;
    for (clockid_t clock : {CLOCK_PROCESS_CPUTIME_ID, server}) {
        timespec t{};
        clock_gettime(clock, &t);
        sum += t.tv_sec * 1e6 + t.tv_nsec / 1e3;
    }
    return sum;
}

inline void ready() {
    puts("ready");
    fflush(stdout);
}

inline void check(bool ok, const char* what = "wrong answer") {
    if (!ok) throw std::runtime_error(what);
}

struct Args {
    std::string addr, workload;
    size_t size;
    double secs;
    size_t least, msgs;
    explicit Args(char** v)
        : addr(v[2]), workload(v[3]), size(atoll(v[4])), secs(atof(v[5])), least(atoll(v[6])),
          msgs(atoll(v[7])) {}
};

struct Run {
    std::vector<double> us;
    double begin, end;
};

template <class F> Run timed(double secs, size_t least, F& call) {
    Run r;
    r.us.reserve(1 << 18);
    double last = r.begin = now();
    do {
        call();
        double t = now();
        r.us.push_back(t - last);
        last = t;
    } while (last - r.begin < secs * 1e6 || (r.us.size() < least && last - r.begin < secs * 1e7));
    r.end = last;
    return r;
}

inline void report(const Args& a, size_t clients, size_t calls, std::vector<double>& us,
                   double wall, double cpu) {
    double sum = 0;
    for (double x : us) sum += x;
    std::sort(us.begin(), us.end());
    printf("{\"workload\": \"%s\", \"size\": %zu, \"clients\": %zu, \"calls\": %zu, ",
           a.workload.c_str(), a.size, clients, calls);
    if (us.empty())
        printf("\"p50_us\": null, \"p99_us\": null, \"mean_us\": %.3f, ", wall / calls);
    else
        printf("\"p50_us\": %.2f, \"p99_us\": %.2f, \"mean_us\": %.3f, ", us[us.size() / 2],
               us[us.size() * 99 / 100], sum / us.size());
    printf("\"calls_per_s\": %.1f, \"mb_per_s\": %.2f, \"cpu_us\": %.3f}\n", calls / wall * 1e6,
           2.0 * a.size * calls / wall, cpu / calls);
    fflush(stdout);
}

// Runs a result of `make` in each of n threads: warm-up, then all start together.
template <class M> void threads(const Args& a, size_t n, size_t least, M make) {
    std::vector<Run> runs(n);
    std::barrier gate(n);
    double cpu = 0;
    auto body = [&](size_t i) {
        make([&](auto call) {
            timed(a.secs / 4, 2, call);
            gate.arrive_and_wait();
            if (i == 0) cpu = -processor_time();
            runs[i] = timed(a.secs, least, call);
            gate.arrive_and_wait();
            if (i == 0) cpu += processor_time();
        });
    };
    if (n == 1)
        body(0);
    else {
        std::vector<std::thread> t;
        for (size_t i = 0; i < n; i++) t.emplace_back(body, i);
        for (auto& x : t) x.join();
    }
    std::vector<double> us;
    double begin = runs[0].begin, end = runs[0].end;
    for (auto& r : runs)
        us.insert(us.end(), r.us.begin(), r.us.end()), begin = std::min(begin, r.begin),
                                                       end = std::max(end, r.end);
    report(a, n, us.size(), us, end - begin, cpu);
}

inline std::string payload(size_t n) {  // not compressible
    std::string s(n, 0);
    uint64_t x = 88172645463325252ull;
    for (auto& c : s) x ^= x << 13, x ^= x >> 7, x ^= x << 17, c = char(x);
    return s;
}

template <class Conn> int client(char** v) {
    Args a(v);
    const std::string& w = a.workload;
    auto adds = [](Conn& c) {
        return [&c, i = 0]() mutable {
            i++;
            check(c.add(i, 7) == i + 7);
        };
    };
    if (w == "W1")
        threads(a, 1, a.least, [&](auto go) {
            Conn c(a.addr);
            go(adds(c));
        });
    else if (w == "W2") {
        auto data = payload(a.size);
        threads(a, 1, 5, [&](auto go) {
            Conn c(a.addr);
            go([&] { c.echo(data); });
        });
    } else if (w == "W3")
        threads(a, 8, 1, [&](auto go) {
            Conn c(a.addr);
            go(adds(c));
        });
    else if (w == "W4") {
        if constexpr (std::is_copy_constructible_v<Conn>) {
            Conn shared(a.addr);
            threads(a, 8, 1, [&](auto go) {
                Conn c(shared);
                go(adds(c));
            });
        } else
            return 3;
    } else if (w == "W5") {
        if constexpr (requires(Conn c) { c.visit(1); })
            threads(a, 1, a.least, [&](auto go) {
                Conn c(a.addr);
                go([&c, i = 0]() mutable {
                    i++;
                    check(c.visit(i) == i + 1);
                });
            });
        else
            return 3;
    } else if (w == "W6") {
        if constexpr (requires(Conn c) {
                          c.post(1);
                          c.count();
                      }) {
            Conn c(a.addr);
            c.add(1, 1);
            double begin = now(), cpu = -processor_time();
            size_t n = 0;
            while (n < a.msgs && (n % 256 || now() - begin < a.secs * 5e6)) c.post(int(n++));
            while (size_t(c.count()) < n) std::this_thread::yield();
            double wall = now() - begin;
            cpu += processor_time();
            std::vector<double> none;
            report(a, 1, n, none, wall, cpu);
        } else
            return 3;
    }
    return 0;
}

}  // namespace bench
