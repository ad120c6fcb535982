// The host of the conformance matrix in C++.
#include "conformance.hpp"
#include "describe.hpp"

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <future>
#include <iostream>
#include <memory>
#include <mutex>
#include <thread>

using callgate::Call;
using callgate::Connection;
using callgate::Delegate;
using callgate::Proxy;

static Delegate calculator() {
    return Delegate().method("Add", [](std::int64_t a, std::int64_t b) { return a + b; });
}

static Delegate overloads() {
    return Delegate()
        .overload("Add", "Add_Int64_Int64", [](std::int64_t a, std::int64_t b) { return a + b; })
        .overload("Add", "Add_String_String", [](std::string a, std::string_view b) { return a.append(b); });
}

static Delegate values() {
    return Delegate()
        .method("Echo", [](msgpack::object value) { return value; })
        .method("Describe", [](msgpack::object value) { return describe(value); })
        .method("Int32", [](std::int32_t n) { return n; })
        .method("Int64", [](std::int64_t n) { return n; })
        .method("UInt64", [](std::uint64_t n) { return n; });
}

static void fail(const std::string& type, const std::string& message) {
    throw callgate::remote_error(type, message);
}

class Journal {
public:
    void note(std::int64_t n) {
        const std::lock_guard<std::mutex> lock(mutex_);
        numbers_.push_back(n);
    }

    std::vector<std::int64_t> read() {
        const std::lock_guard<std::mutex> lock(mutex_);
        return numbers_;
    }

private:
    std::mutex mutex_;
    std::vector<std::int64_t> numbers_;
};

class Session {
public:
    void log_in(const std::string& name) {
        const std::lock_guard<std::mutex> lock(mutex_);
        name_ = name;
    }

    std::string who_am_i() {
        const std::lock_guard<std::mutex> lock(mutex_);
        return name_;
    }

private:
    std::mutex mutex_;
    std::string name_;
};

class Slow {
public:
    void wait(const Call& call) {
        const auto end = std::chrono::steady_clock::now() + patience;
        waiting_++;
        while (!call.is_cancelled())
            if (std::chrono::steady_clock::now() > end)
                throw std::runtime_error("nobody has cancelled the call");
        cancelled_++;
    }

    void hold(const Call& call) {
        const auto notified = std::make_shared<std::promise<void>>();
        call.on_cancelled([notified] { notified->set_value(); });
        waiting_++;
        if (notified->get_future().wait_for(patience) != std::future_status::ready)
            throw std::runtime_error("nobody has cancelled the call");
        cancelled_++;
    }

    int waiting() const { return waiting_; }
    int cancelled() const { return cancelled_; }

    void meet(int count) {
        std::unique_lock<std::mutex> lock(mutex_);
        met_++;
        changed_.notify_all();
        if (!changed_.wait_for(lock, patience, [&] { return met_ >= count; }))
            throw std::runtime_error("only " + std::to_string(met_) + " have come");
    }

private:
    std::atomic<int> waiting_{0};
    std::atomic<int> cancelled_{0};
    std::mutex mutex_;
    std::condition_variable changed_;
    int met_ = 0;
};

class Gathering {
public:
    void gather(callgate::DeferredCall call, std::size_t count, int n) {
        std::vector<std::pair<callgate::DeferredCall, int>> complete;
        {
            const std::lock_guard<std::mutex> lock(mutex_);
            gathered_.emplace_back(std::move(call), n);
            if (gathered_.size() == count)
                complete.swap(gathered_);
        }
        for (const auto& [waiting, number] : complete)
            waiting.reply(number);
    }

private:
    std::mutex mutex_;
    std::vector<std::pair<callgate::DeferredCall, int>> gathered_;
};

class Duplex {
public:
    explicit Duplex(Proxy callback) : callback_(std::move(callback)), first_(twice(100)) {}

    std::int64_t first() const { return first_; }
    std::int64_t twice(std::int64_t n) const { return callback_.call<std::int64_t>("Double", n); }
    int nest(int depth) const { return depth == 0 ? 0 : 1 + callback_.call<int>("Nest", depth - 1); }

    std::vector<std::string> provoke(const std::string& type, const std::string& message) const {
        try {
            callback_.call("Fail", type, message);
        } catch (const callgate::remote_error& error) {
            return {error.type_name(), error.message()};
        }
        throw std::runtime_error("the callback has not failed");
    }

    void later(std::int64_t n) const {
        std::thread([callback = callback_.clone(), n] {
            try {
                callback.call("Arrived", n);
            } catch (const callgate::error&) {
                // The client, which waits for it, reports it.
            }
        }).detach();
    }

private:
    Proxy callback_;
    std::int64_t first_;
};

static Delegate journal(const Connection&) {
    const auto journal = std::make_shared<Journal>();
    return Delegate().one_way("Note", &Journal::note, journal).method("Read", &Journal::read, journal);
}

static Delegate gathering(const Connection&) {
    return Delegate().method("Gather", &Gathering::gather, std::make_shared<Gathering>());
}

static Delegate session(const Connection&) {
    const auto session = std::make_shared<Session>();
    return Delegate()
        .method("LogIn", &Session::log_in, session)
        .method("WhoAmI", &Session::who_am_i, session)
        .method("Drop", [](const Call& call) { call.connection().close(); });
}

static Delegate slow(const Connection&) {
    const auto slow = std::make_shared<Slow>();
    return Delegate()
        .method("Wait", &Slow::wait, slow)
        .method("Hold", &Slow::hold, slow)
        .method("Waiting", &Slow::waiting, slow)
        .method("Cancelled", &Slow::cancelled, slow)
        .method("Meet", &Slow::meet, slow);
}

static Delegate duplex(Proxy callback) {
    const auto duplex = std::make_shared<Duplex>(std::move(callback));
    return Delegate()
        .method("First", &Duplex::first, duplex)
        .method("Double", &Duplex::twice, duplex)
        .method("Nest", &Duplex::nest, duplex)
        .method("Provoke", &Duplex::provoke, duplex)
        .method("Later", &Duplex::later, duplex);
}

void serve(const std::vector<std::string>& endpoints) {
    auto builder = callgate::Host::builder();
    for (const std::string& endpoint : endpoints)
        builder.endpoint(endpoint);
    auto host = builder.delegate("ICalculator", calculator())
                    .delegate("IOverloads", overloads())
                    .delegate("IValues", values())
                    .delegate("IFaults", Delegate().method("Fail", fail))
                    .delegate("IJournal", journal)
                    .delegate("IGathering", gathering)
                    .delegate("ISession", session)
                    .delegate("ISlow", slow)
                    .duplex_delegate_factory("IDuplex", "ICallback", duplex)
                    .duplex_delegate_factory("IOldDuplex", "Old.ICallback", duplex)
                    .interface_alias("Old.", "ICalculator")
                    .start();
    std::cout << "ready";
    for (const std::string& endpoint : host.endpoints())
        std::cout << " " << endpoint;
    std::cout << std::endl;
    while (std::cin.get() != std::istream::traits_type::eof()) {
    }
    host.close();
}
