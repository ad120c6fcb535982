// The host that the tests call: it serves ITest until its standard input ends.
#include "service.hpp"

#include <cstdint>
#include <iostream>
#include <stdexcept>
#include <thread>

static callgate::Value echo(const callgate::Call& call) {
    auto arguments = call.arguments();
    arguments.set(arguments.get().via.array.ptr[0]);
    return arguments;
}

static callgate::Delegate make_values() {
    return callgate::Delegate()
        .method("AddInt32", [](std::int32_t a, std::int32_t b) { return std::int64_t(a) + b; })
        .method("AddOne", [](std::uint8_t a) { return a + 1; })
        .method("Largest", [] { return UINT64_MAX; })
        .method("Lowest", [] { return INT64_MIN; })
        .method("Half", [](double number) { return number / 2; })
        .method("Join", [](const std::vector<std::string>& words, std::string_view between) {
            std::string all;
            for (const std::string& word : words)
                all += (all.empty() ? "" : std::string(between)) + word;
            return all;
        })
        .method("Length", [](const std::vector<unsigned char>& bytes) { return bytes.size(); })
        .method("Move", [](Point point, int by) {
            point.x += by;
            return point;
        })
        .method("Other", [](Colour colour) { return colour == Colour::red ? Colour::green : Colour::red; })
        .method("Later", [](std::chrono::system_clock::time_point time) { return time + std::chrono::hours(1); })
        .method("Nothing", [](std::optional<int> number) { return number.has_value(); })
        .method("Deep", [](int levels) {
            // No C++ type nests so deeply, so the bytes are written by hand.
            return Deep{levels};
        })
        .fallback([](callgate::Call& call) { return echo(call); });
}

static callgate::Delegate make_failures() {
    return callgate::Delegate()
        .method("Standard", []() -> int { throw std::out_of_range("too far"); })
        .method("Nested", [] {
            try {
                throw std::out_of_range("too far");
            } catch (...) {
                std::throw_with_nested(std::runtime_error("cannot go on"));
            }
        })
        .method("Number", [] { throw 42; })
        .method("Latin", [] { throw std::runtime_error("caf\xe9"); })
        .method("Funds", [](double amount) { throw InsufficientFunds("short of " + std::to_string(amount)); })
        .method("Remote", [] {
            throw callgate::remote_error("System.IO.IOException", "no such file", "at Main()").with_data(Point{1, 2, "x"});
        })
        .method("Mismatch", [] { throw callgate::contract_mismatch("not like this"); })
        .method("Faulted", [] { throw callgate::channel_faulted("elsewhere"); })
        .method("Unpackable", [] { return std::string("caf\xe9"); })
        .method("Die", [] { _exit(3); });
}

/// Calls that never get a reply.
class Kept {
public:
    void keep(callgate::DeferredCall call) {
        const std::lock_guard<std::mutex> lock(mutex_);
        calls_.push_back(std::move(call));
    }

private:
    std::mutex mutex_;
    std::vector<callgate::DeferredCall> calls_;
};

/// Calls that end when a function of on_cancelled() has run.
class Notified {
public:
    void hold(callgate::Call& call) {
        calls_++;
        call.on_cancelled([] { throw std::runtime_error("is logged"); });
        call.on_cancelled([this, held = std::make_unique<callgate::DeferredCall>(call.defer())] {
            held->reply();
            notified_++;
        });
    }
    void hold_here(callgate::Call& call) {
        calls_++;
        std::promise<void> cancelled;
        call.on_cancelled([&cancelled] { cancelled.set_value(); });
        cancelled.get_future().wait();
        notified_++;
    }
    void answer(callgate::DeferredCall call) {
        call.on_cancelled([this] { notified_++; });
        call.reply();
        try {
            call.on_cancelled([] {});
            notified_ += 100;
        } catch (const callgate::invalid_argument&) {
        }
    }
    int calls() const { return calls_; }
    int notified() const { return notified_; }

private:
    std::atomic<int> calls_{0}, notified_{0};
};

static callgate::Delegate make_waits() {
    const auto notified = std::make_shared<Notified>();
    return callgate::Delegate()
        .method("Hold", &Notified::hold, notified)
        .method("HoldHere", &Notified::hold_here, notified)
        .method("Answer", [notified](callgate::DeferredCall call) { notified->answer(std::move(call)); })
        .method("Held", &Notified::calls, notified)
        .method("Notified", &Notified::notified, notified)
        .method("Never", &Kept::keep, std::make_unique<Kept>())
        .method("UntilCancelled", [](callgate::Call& call) { return call.wait_cancelled(patience); })
        .method("Metadata", [](callgate::Call& call) { return call.metadata(); })
        .method("TimeLeft", [](const callgate::Call& call) {
            const auto left = call.time_left();
            return left ? std::optional(left->count()) : std::nullopt;
        })
        .method("Names", [](callgate::Call& call) {
            return std::vector<std::string>{std::string(call.interface_name()), std::string(call.method()),
                                            std::string(call.signature())};
        })
        .method("Deferred", [](callgate::DeferredCall call, int a, int b) {
            std::thread([call = std::move(call), a, b] { call.reply(a + b); }).detach();
        })
        .method("DeferredByCall", [](callgate::Call& call, int a) {
            std::thread([deferred = call.defer(), a] { deferred.reply(a + 1); }).detach();
            return -1;
        })
        .method("DeferredFailure", [](callgate::DeferredCall call) {
            std::thread([call = std::move(call)] { call.fail(InsufficientFunds("later")); }).detach();
        })
        .method("DeferredThrow", [](callgate::DeferredCall) { throw std::out_of_range("at once"); })
        .method("DeferredDropped", [](callgate::DeferredCall) {});
}

int main(int argc, char** argv) {
    try {
        auto builder = callgate::Host::builder();
        for (int i = 1; i < argc; i++)
            builder.endpoint(argv[i]);
        auto host = builder.delegate("IValues", make_values())
                        .delegate("IFailures", [](const callgate::Connection&) { return make_failures(); })
                        .delegate_factory([](const std::string& asked) {
                            return asked == "IWaits" ? std::optional(make_waits()) : std::nullopt;
                        })
                        .exceptions(shared_exceptions())
                        .start();
        for (const std::string& endpoint : host.endpoints())
            std::cout << "listening on " << endpoint << std::endl;
        while (std::cin.get() != std::istream::traits_type::eof()) {
        }
        host.close();
    } catch (const std::exception& error) {
        std::cerr << "test_service: " << error.what() << "\n";
        return 1;
    }
}
