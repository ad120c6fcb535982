/// Shared by the tests.
#pragma once

#include <callgate/callgate.hpp>

#include <doctest/doctest.h>

#include <condition_variable>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

using namespace std::chrono_literals;

/// The timeout of any wait that should end: longer than a busy machine needs.
constexpr auto patience = 60s;

/// The endpoint of a pipe that no other test uses.
std::string unique_pipe();

/// An event that happens once, and that threads can wait for.
class Latch {
public:
    void open() {
        const std::lock_guard<std::mutex> lock(mutex_);
        open_ = true;
        changed_.notify_all();
    }

    /// Whether the event happened in time.
    bool wait() {
        std::unique_lock<std::mutex> lock(mutex_);
        return changed_.wait_for(lock, patience, [this] { return open_; });
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool open_ = false;
};

/// A value that other threads set, and that a thread can wait for.
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

/// A program in its own process, which prints its endpoints and ends when its standard input ends.
class Process {
public:
    /// Runs a program from this program's directory, or at a path.
    Process(const std::string& program, const std::vector<std::string>& arguments);
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;
    ~Process();

    /// The next line that it prints, or "" if it has ended.
    std::string line();

    /// The endpoints that a host listens on.
    std::vector<std::string> endpoints(std::size_t count);

    /// Kills it, and waits until it is gone.
    void kill();

    /// Closes its input, and returns the rest of its output.
    std::string finish();

    /// Its exit status, once finish() has returned.
    int exit_code() const { return exit_code_; }

private:
    void reap();

    /// Its id, or on Windows its handle; -1 once it has ended.
    std::intptr_t process_ = -1;
    int input_ = -1;
    int output_ = -1;
    int exit_code_ = -1;
};

/// The tests' host (service.cpp) in its own process, over a pipe and over TCP.
struct Service {
    Service() : process("test_service", {unique_pipe(), "tcp://127.0.0.1:0"}), endpoints(process.endpoints(2)) {}

    Process process;
    std::vector<std::string> endpoints;
};

/// A structure that is sent and received.
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

/// An exception that is registered by a name.
class InsufficientFunds : public std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// The exception that a function throws. The test fails if it throws another type or nothing.
template <class E>
E caught(const std::function<void()>& function) {
    try {
        function();
    } catch (const E& thrown) {
        return thrown;
    }
    throw std::logic_error("nothing was thrown");
}
