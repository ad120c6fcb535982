// C++20 coroutines that await calls.
#include "service.hpp"

#include <coroutine>
#include <exception>
#include <future>
#include <thread>

/// A coroutine that starts at once, and whose result another thread can wait for.
template <class T>
struct Task {
    struct promise_type {
        Task get_return_object() { return {outcome.get_future()}; }
        std::suspend_never initial_suspend() noexcept { return {}; }
        std::suspend_never final_suspend() noexcept { return {}; }
        void return_value(T value) { outcome.set_value(std::move(value)); }
        void unhandled_exception() { outcome.set_exception(std::current_exception()); }

        std::promise<T> outcome;
    };

    std::future<T> outcome;
};

static Task<int> add(const callgate::Proxy& values, int a, int b, int c) {
    const int sum = co_await values.start<int>("AddInt32", a, b);
    co_return co_await values.start<int>("AddInt32", sum, c);
}

static Task<std::string> type_thrown(const callgate::Proxy& failures) {
    try {
        co_await failures.start("Standard");
    } catch (const callgate::remote_error& error) {
        co_return error.type_name();
    }
    co_return "nothing";
}

/// Awaits a call that already has its outcome.
static Task<bool> wait_for_nothing(const callgate::Proxy& values) {
    auto sum = values.start<int>("AddInt32", 1, 2);
    sum.wait();
    const auto before = std::this_thread::get_id();
    const int result = co_await std::move(sum);
    co_return result == 3 && std::this_thread::get_id() == before;
}

TEST_CASE("coroutines wait for calls") {
    Service service;
    for (const std::string& endpoint : service.endpoints) {
        CAPTURE(endpoint);
        auto client = callgate::Client::connect(endpoint);
        const auto values = client.proxy("IValues");
        const auto failures = client.proxy("IFailures");
        std::vector<Task<int>> sums;
        for (int i = 0; i < 100; i++)
            sums.push_back(add(values, i, i, i));
        for (int i = 0; i < 100; i++)
            CHECK(sums[static_cast<std::size_t>(i)].outcome.get() == 3 * i);
        CHECK(type_thrown(failures).outcome.get() == "std::out_of_range");
        CHECK(wait_for_nothing(values).outcome.get());
        client.close();
        CHECK_THROWS_AS(add(values, 1, 2, 3).outcome.get(), callgate::closed);
    }
}
