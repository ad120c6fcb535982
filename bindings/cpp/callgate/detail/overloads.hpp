/// Overloads: methods with the same name.
#pragma once

#include <callgate/detail/method.hpp>
#include <callgate/version.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

CALLGATE_BEGIN_NAMESPACE
namespace detail {

/// Serves the calls of the overloads of one method, which their signatures distinguish.
class Overloads final : public Method {
public:
    /// Adds an overload that takes `count` arguments.
    void add(std::string signature, std::size_t takes, std::unique_ptr<const Method> method) {
        overloads_.push_back({std::move(signature), takes, std::move(method)});
    }

    void serve(callgate_call* call, const SharedContext& context) const noexcept override {
        try {
            chosen(call).serve(call, context);
        } catch (...) {
            fail(call, *context, Execution::not_run);
        }
    }

    void describe(Description& description, const MethodName& name) const override {
        for (const Overload& overload : overloads_)
            overload.method->describe(description, {name.name, overload.signature});
    }

private:
    struct Overload {
        std::string signature;
        std::size_t takes;
        std::unique_ptr<const Method> method;
    };

    /// The overload that the caller names, or else the only one that takes the number of arguments.
    const Method& chosen(const callgate_call* call) const {
        const std::string_view wanted = text(callgate_call_signature, call);
        const std::size_t count = wanted.empty() ? count_arguments(call) : 0;
        const Overload* found = nullptr;
        for (const Overload& overload : overloads_) {
            if (wanted.empty() ? overload.takes != count : overload.signature != wanted)
                continue;
            if (found != nullptr)
                throw mismatch(call, "the caller must name one of the signatures " + signatures());
            found = &overload;
        }
        if (found == nullptr && wanted.empty())
            throw mismatch(call, "none of " + signatures() + " takes " + std::to_string(count) + " arguments");
        if (found == nullptr)
            throw mismatch(call, "there is no signature " + std::string(wanted) + " among " + signatures());
        return *found->method;
    }

    static std::size_t count_arguments(const callgate_call* call) {
        std::size_t length = 0;
        std::size_t count = 0;
        const void* data = callgate_call_arguments(call, &length);
        callgate_reader reader{};
        check(callgate_reader_init, &reader, data, length);
        check(callgate_reader_array, &reader, &count);
        return count;
    }

    std::string signatures() const {
        std::string all;
        for (const Overload& overload : overloads_)
            all += (all.empty() ? "" : ", ") + overload.signature;
        return all;
    }

    static contract_mismatch mismatch(const callgate_call* call, const std::string& what) {
        return contract_mismatch(std::string(text(callgate_call_interface, call)) + "."
                                 + std::string(text(callgate_call_method, call)) + ": " + what);
    }

    std::vector<Overload> overloads_;
};

} // namespace detail
CALLGATE_END_NAMESPACE
