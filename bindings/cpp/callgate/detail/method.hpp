/// The methods of delegates.
#pragma once

#include <callgate/call.hpp>
#include <callgate/detail/arguments.hpp>
#include <callgate/detail/description.hpp>
#include <callgate/detail/signature.hpp>
#include <callgate/version.hpp>

#include <cstddef>
#include <memory>
#include <type_traits>
#include <utility>

CALLGATE_BEGIN_NAMESPACE
namespace detail {

/// Serves the calls of one method.
class Method {
public:
    virtual ~Method() = default;

    /// Replies to a call or defers the reply. Throws nothing.
    virtual void serve(callgate_call* call, const SharedContext& context) const noexcept = 0;

    /// Adds it, under this name, to a description of its interface.
    virtual void describe(Description& description, const MethodName& name) const = 0;
};

/// The parameter of a function before the arguments.
enum class Leading { nothing, call, deferred };

template <class... Parameters>
constexpr Leading leading = Leading::nothing;
template <class... Rest>
constexpr Leading leading<Call&, Rest...> = Leading::call;
template <class... Rest>
constexpr Leading leading<const Call&, Rest...> = Leading::call;
template <class... Rest>
constexpr Leading leading<DeferredCall, Rest...> = Leading::deferred;
template <class... Rest>
constexpr Leading leading<DeferredCall&&, Rest...> = Leading::deferred;

/// The result and the arguments that a function describes. One that can defer its reply may give any result.
template <class Result, class... Parameters>
struct Described {
    using shape = Shape<Result, Parameters...>;
};
template <class Result, class... Rest>
struct Described<Result, const Call&, Rest...> : Described<Result, Rest...> {};
template <class Result, class... Rest>
struct Described<Result, Call&, Rest...> : Described<Value, Rest...> {};
template <class Result, class... Rest>
struct Described<Result, DeferredCall, Rest...> : Described<Value, Rest...> {};
template <class Result, class... Rest>
struct Described<Result, DeferredCall&&, Rest...> : Described<Value, Rest...> {};

/// Replies to a call with the result of a function, unless the reply was deferred.
template <class Run>
void answer(callgate_call* call, const Call& inbound, Run run) {
    if constexpr (std::is_void_v<decltype(run())>) {
        run();
        if (!inbound.is_deferred())
            callgate_call_reply(call, nullptr, 0, nullptr);
    } else {
        const auto& result = run();
        if (!inbound.is_deferred())
            reply(call, result);
    }
}

template <class Function, class Shape>
class FunctionMethod;

template <class Function, class Result, class... Parameters>
class FunctionMethod<Function, Shape<Result, Parameters...>> final : public Method {
    static constexpr Leading lead = leading<Parameters...>;
    static_assert(std::is_void_v<Result> || lead != Leading::deferred,
                  "a method that takes a DeferredCall replies through it and must return void");

public:
    /// The number of arguments that it takes.
    static constexpr std::size_t takes = sizeof...(Parameters) - (lead == Leading::nothing ? 0 : 1);

    explicit FunctionMethod(Function function) : function_(std::move(function)) {}

    void describe(Description& description, const MethodName& name) const override {
        description.method(name, typename Described<Result, Parameters...>::shape());
    }

    void serve(callgate_call* call, const SharedContext& context) const noexcept override {
        Execution execution = Execution::not_run;
        try {
            if constexpr (lead == Leading::deferred)
                serve_later(call, context, execution);
            else
                serve_now(call, context, execution);
        } catch (...) {
            fail(call, *context, execution);
        }
    }

private:
    void serve_now(callgate_call* call, const SharedContext& context, Execution& execution) const {
        auto inbound = Access::make<Call>(call, context);
        if constexpr (lead == Leading::call) {
            typename AfterFirst<Parameters...>::type arguments(call);
            execution = Execution::ran;
            answer(call, inbound, [&]() -> Result { return arguments.template give<Result>(function_, inbound); });
        } else {
            Arguments<Parameters...> arguments(call);
            execution = Execution::ran;
            answer(call, inbound, [&]() -> Result { return arguments.template give<Result>(function_); });
        }
    }

    /// Calls a function that replies later. If it throws before the reply, the exception is the reply.
    void serve_later(callgate_call* call, const SharedContext& context, Execution& execution) const {
        typename AfterFirst<Parameters...>::type arguments(call);
        callgate_call* made = nullptr;
        check(callgate_call_defer, call, &made);
        execution = Execution::ran;
        // Kept here, since the function's parameter is destroyed when an exception arrives.
        const std::shared_ptr<callgate_call> deferred = DeferredHandle(made);
        try {
            arguments.template give<void>(function_, Access::make<DeferredCall>(deferred, context));
        } catch (...) {
            fail(deferred.get(), *context, execution);
        }
    }

    // Shared by concurrent calls: a function that modifies itself must synchronise.
    mutable Function function_;
};

/// Serves the calls of methods without a function of their own.
template <class Function>
class OtherMethods final : public Method {
public:
    explicit OtherMethods(Function function) : function_(std::move(function)) {}

    /// Its methods are unknown.
    void describe(Description&, const MethodName&) const override {}

    void serve(callgate_call* call, const SharedContext& context) const noexcept override {
        try {
            auto inbound = Access::make<Call>(call, context);
            answer(call, inbound, [&]() -> decltype(auto) { return function_(inbound); });
        } catch (...) {
            fail(call, *context, Execution::ran);
        }
    }

private:
    mutable Function function_;
};

} // namespace detail
CALLGATE_END_NAMESPACE
