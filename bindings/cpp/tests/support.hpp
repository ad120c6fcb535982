/// What the tests have in common.
#pragma once

#include <callgate/callgate.hpp>

#include <doctest/doctest.h>

#include <condition_variable>
#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

using namespace std::chrono_literals;

/// Any wait that should end: longer than a busy machine takes.
constexpr auto patience = 60s;

/// An endpoint of a pipe that no other test has.
std::string unique_pipe();

/// Something that happens once, to be waited for.
class Latch {
public:
    void open() {
        const std::lock_guard<std::mutex> lock(mutex_);
        open_ = true;
        changed_.notify_all();
    }

    /// Whether it happened in time.
    bool wait() {
        std::unique_lock<std::mutex> lock(mutex_);
        return changed_.wait_for(lock, patience, [this] { return open_; });
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool open_ = false;
};

/// A value that other threads set, to be waited for.
template <class T>
class Watched {
public:
    void update(const std::function<void(T&)>& change) {
        const std::lock_guard<std::mutex> lock(mutex_);
        change(value_);
        changed_.notify_all();
    }

    bool wait(const std::function<bool(const T&)>& condition) {
        std::unique_lock<std::mutex> lock(mutex_);
        return changed_.wait_for(lock, patience, [&] { return condition(value_); });
    }

    T get() {
        const std::lock_guard<std::mutex> lock(mutex_);
        return value_;
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    T value_{};
};

/// A program in a process of its own, which says where it listens and ends when its standard input does.
class Process {
public:
    /// Runs a program that stands beside this one, or at a path.
    Process(const std::string& program, const std::vector<std::string>& arguments);
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;
    ~Process();

    /// The next line that it prints, or "" when it has ended.
    std::string line();

    /// The endpoints that a host listens on.
    std::vector<std::string> endpoints(std::size_t count);

    /// Kills it, and waits until it is gone.
    void kill();

    /// Closes its input, and gives what it has printed since.
    std::string finish();

    /// What it ended with, once finish() has returned.
    int exit_code() const { return exit_code_; }

private:
    void reap();

    int pid_ = -1;
    int input_ = -1;
    int output_ = -1;
    int exit_code_ = -1;
};

/// The tests' host (service.cpp) in a process of its own, over a pipe and over TCP.
struct Service {
    Service() : process("test_service", {unique_pipe(), "tcp://127.0.0.1:0"}), endpoints(process.endpoints(2)) {}

    Process process;
    std::vector<std::string> endpoints;
};

/// A structure that travels.
struct Point {
    int x = 0;
    double y = 0;
    std::string label;
    MSGPACK_DEFINE_MAP(x, y, label)

    friend bool operator==(const Point& a, const Point& b) {
        return a.x == b.x && a.y == b.y && a.label == b.label;
    }
};

enum class Colour { red, green };
MSGPACK_ADD_ENUM(Colour)

/// An exception that travels as itself.
class InsufficientFunds : public std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// What a function throws, as that type; the test fails when it throws something else or nothing.
template <class E>
E caught(const std::function<void()>& function) {
    try {
        function();
    } catch (const E& thrown) {
        return thrown;
    }
    throw std::logic_error("nothing was thrown");
}
