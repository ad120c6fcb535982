// The steps of the scenarios.
#include "client.hpp"
#include "conformance.hpp"
#include "describe.hpp"

#include <atomic>
#include <exception>
#include <stdexcept>
#include <thread>

using callgate::CallOptions;
using callgate::Proxy;
using callgate::Value;

template <class A, class B>
static void same(const A& expected, const B& actual, const std::string& what) {
    if (!(expected == actual))
        throw std::runtime_error("another " + what + " than expected");
}

static void equal_text(const std::string& expected, const std::string& actual) {
    if (expected != actual)
        throw std::runtime_error(actual + " instead of " + expected);
}

/// The exception of a failed call, which must have exactly this type.
template <class E>
static E fails(const std::function<void()>& call) {
    try {
        call();
    } catch (const E& error) {
        same(std::string(typeid(E).name()), typeid(error).name(), "kind of error");
        return error;
    }
    throw std::runtime_error("it has not failed");
}

static void eventually(int expected, const std::function<int()>& ask) {
    const auto end = std::chrono::steady_clock::now() + patience;
    while (ask() != expected) {
        if (std::chrono::steady_clock::now() > end)
            throw std::runtime_error("it does not become " + std::to_string(expected));
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
}

static void in_threads(int count, const std::function<void(int)>& work) {
    std::mutex mutex;
    std::exception_ptr failure;
    std::vector<std::thread> threads;
    for (int number = 0; number < count; number++)
        threads.emplace_back([&, number] {
            try {
                work(number);
            } catch (...) {
                const std::lock_guard<std::mutex> lock(mutex);
                failure = std::current_exception();
            }
        });
    for (std::thread& thread : threads)
        thread.join();
    if (failure)
        std::rethrow_exception(failure);
}

static Value call_with(const Proxy& proxy, const CallOptions& options, const std::string& method,
                       const msgpack::object& arguments) {
    const msgpack::object* each = arguments.via.array.ptr;
    switch (arguments.via.array.size) {
    case 0: return proxy.call<Value>(options, method);
    case 1: return proxy.call<Value>(options, method, each[0]);
    case 2: return proxy.call<Value>(options, method, each[0], each[1]);
    case 3: return proxy.call<Value>(options, method, each[0], each[1], each[2]);
    default: throw std::runtime_error("unsupported number of arguments");
    }
}

static std::string status_in_words(const callgate::error& error) {
    static const char* const words[] = {"ok", "remote error", "contract mismatch", "channel faulted",
                                        "timed out", "cancelled", "closed"};
    const auto number = static_cast<std::size_t>(error.status());
    return number < sizeof words / sizeof *words ? words[number] : "another status";
}

static std::string execution_in_words(const callgate::error& error) {
    static const char* const words[] = {"not run", "ran", "unknown"};
    return words[static_cast<std::size_t>(error.execution())];
}

static void check_failure(const Scenario& it, const callgate::error& error) {
    equal_text(it.text("status"), status_in_words(error));
    if (it.has("execution"))
        equal_text(it.text("execution"), execution_in_words(error));
    if (it.has("message"))
        equal_text(it.text("message"), error.message());
    if (it.has("type"))
        equal_text(it.text("type"), dynamic_cast<const callgate::remote_error&>(error).type_name());
}

static void call(Scenario& it) {
    const Proxy proxy = it.client.proxy(it.text("interface"));
    const Value arguments = native(it.text("arguments"));
    try {
        const auto options = CallOptions().signature(it.text("signature"));
        const Value result = call_with(proxy, options, it.text("method"), arguments.get());
        equal_text(it.text("result"), describe(result.get()));
    } catch (const callgate::error& error) {
        if (!it.has("status"))
            throw;
        check_failure(it, error);
        return;
    }
    if (it.has("status"))
        throw std::runtime_error("it has not failed");
}

static void value(Scenario& it) {
    const Proxy values = it.client.proxy("IValues");
    const Value held = native(it.text("value"));
    equal_text(it.text("text"), describe(held.get()));
    equal_text(it.text("text"), values.call<std::string>("Describe", held));
    equal_text(it.text("text"), describe(values.call<Value>("Echo", held).get()));
}

static void one_way_order(Scenario& it) {
    const Proxy journal = it.client.proxy("IJournal");
    std::vector<int> numbers;
    for (int number = 0; number < it.number("count"); number++) {
        journal.one_way("Note", number);
        numbers.push_back(number);
    }
    same(numbers, journal.call<std::vector<int>>("Read"), "order");
}

static void later(Scenario& it) {
    it.client.proxy("IDuplex").call("Later", it.number("number"));
    same(true, it.arrivals.wait(it.number("number"), patience), "arrival");
}

static void drop(const Proxy& session) {
    fails<callgate::channel_faulted>([&] { session.call("Drop"); });
}

static void reconnect(Scenario& it) {
    const Proxy journal = it.client.proxy("IJournal");
    journal.call("Note", 1);
    drop(it.client.proxy("ISession"));
    same(true, journal.call<std::vector<int>>("Read").empty(), "journal");
}

static void reconnect_initialised(Scenario& it) {
    const auto runs = std::make_shared<std::atomic<int>>(0);
    const Proxy session = it.client.proxy("ISession", [runs](const Proxy& proxy) {
        ++*runs;
        proxy.call("LogIn", "Ada");
    });
    equal_text("Ada", session.call<std::string>("WhoAmI"));
    drop(session);
    equal_text("Ada", session.call<std::string>("WhoAmI"));
    same(2, runs->load(), "number of runs");
}

// Waits for less time than the call takes.
static void call_in_vain(Scenario& it, const Proxy& slow, const char* method) {
    const auto options = CallOptions().timeout(std::chrono::milliseconds(it.number("timeout_ms")));
    fails<callgate::timed_out>([&] { slow.call(options, method); });
}

static void half_result(Scenario& it) {
    const Proxy slow = it.client.proxy("ISlow");
    for (int i = 0; i < it.number("times"); i++)
        call_in_vain(it, slow, "Wait");
}

static void ends_in_time(Scenario& it, const char* method) {
    const Proxy slow = it.client.proxy("ISlow");
    // Connects, so that the deadline ends the call where it runs.
    slow.call<int>("Cancelled");
    call_in_vain(it, slow, method);
    eventually(1, [&] { return slow.call<int>("Cancelled"); });
}

static void deadline(Scenario& it) { ends_in_time(it, "Wait"); }

static void notified(Scenario& it) { ends_in_time(it, "Hold"); }

static void cancel(Scenario& it) {
    const Proxy slow = it.client.proxy("ISlow");
    auto waiting = slow.start("Wait");
    eventually(1, [&] { return slow.call<int>("Waiting"); });
    waiting.cancel();
    fails<callgate::cancelled>([&] { waiting.get(); });
    eventually(1, [&] { return slow.call<int>("Cancelled"); });
}

static void closed(Scenario& it) {
    const Proxy calculator = it.client.proxy("ICalculator");
    it.client.close();
    const auto error = fails<callgate::closed>([&] { calculator.call<int>("Add", 1, 2); });
    same(callgate::Execution::not_run, error.execution(), "execution");
}

static void large(Scenario& it) {
    std::vector<unsigned char> sent(static_cast<std::size_t>(it.number("bytes")));
    for (std::size_t i = 0; i < sent.size(); i++)
        sent[i] = static_cast<unsigned char>((31 * i + i / 65536) % 256);
    same(sent, it.client.proxy("IValues").call<std::vector<unsigned char>>("Echo", sent), "block of bytes");
}

static void meet(Scenario& it) {
    const Proxy slow = it.client.proxy("ISlow");
    in_threads(it.number("threads"), [&](int) { slow.call("Meet", it.number("threads")); });
}

static void gather(Scenario& it) {
    const Proxy gathering = it.client.proxy("IGathering");
    std::vector<callgate::Future<int>> started;
    for (int i = 0; i < it.number("calls"); i++)
        started.push_back(gathering.start<int>("Gather", it.number("calls"), i));
    for (int i = 0; i < it.number("calls"); i++)
        same(i, started[static_cast<std::size_t>(i)].get(), "number");
}

static void threads(Scenario& it) {
    const Proxy calculator = it.client.proxy("ICalculator");
    const Proxy duplex = it.client.proxy("IDuplex");
    in_threads(it.number("threads"), [&](int thread) {
        for (int i = 0; i < it.number("calls"); i++) {
            same(thread + i, calculator.call<int>("Add", thread, i), "sum");
            same(2 * i, duplex.call<int>("Double", i), "product");
        }
    });
}

const std::map<std::string, std::function<void(Scenario&)>>& steps() {
    static const std::map<std::string, std::function<void(Scenario&)>> all = {
        {"call", call},
        {"value", value},
        {"one-way-order", one_way_order},
        {"later", later},
        {"reconnect", reconnect},
        {"reconnect-initialised", reconnect_initialised},
        {"deadline", deadline},
        {"notified", notified},
        {"half-result", half_result},
        {"cancel", cancel},
        {"closed", closed},
        {"large", large},
        {"meet", meet},
        {"gather", gather},
        {"threads", threads},
    };
    return all;
}
