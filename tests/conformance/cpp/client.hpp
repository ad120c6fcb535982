/// Shared by the steps of the scenarios.
#pragma once

#include <callgate/callgate.hpp>

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>

using Fields = std::map<std::string, std::string>;

/// The arguments of ICallback.Arrived.
class Arrivals {
public:
    void add(std::int64_t number) {
        const std::lock_guard<std::mutex> lock(mutex_);
        numbers_.insert(number);
        changed_.notify_all();
    }

    bool wait(std::int64_t number, std::chrono::seconds timeout) {
        std::unique_lock<std::mutex> lock(mutex_);
        return changed_.wait_for(lock, timeout, [&] { return numbers_.count(number) > 0; });
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::set<std::int64_t> numbers_;
};

/// A scenario, and its client.
struct Scenario {
    callgate::Client& client;
    Arrivals& arrivals;
    const Fields& fields;

    int number(const char* field) const { return std::stoi(fields.at(field)); }

    std::string text(const char* field) const {
        const auto found = fields.find(field);
        return found == fields.end() ? std::string() : found->second;
    }

    bool has(const char* field) const { return fields.count(field) > 0; }
};

/// The steps of the scenarios, by name.
const std::map<std::string, std::function<void(Scenario&)>>& steps();
