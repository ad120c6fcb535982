/// Delegates.
#pragma once

#include <callgate/contract.hpp>
#include <callgate/detail/overloads.hpp>
#include <callgate/version.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <utility>

CALLGATE_BEGIN_NAMESPACE

namespace detail {
struct Serving;
}

/// Serves an interface through functions: Delegate().method("Add", [](int a, int b) { return a + b; }).
///
/// Functions run on Callgate's threads, on several at once for concurrent calls. They take and return whatever
/// msgpack-cxx can convert and pack. Arguments that do not match are rejected before a function runs. A function may
/// take a Call& as its first parameter: the call itself; or a DeferredCall, to reply later. Parameters that are views
/// of text or bytes are valid until the reply. The caller gets the exceptions that a function throws. Functions are
/// destroyed after the end of their connection, host or client, once none of them is running.
///
/// Their types describe the interface: see contract().
class Delegate {
public:
    Delegate() = default;
    Delegate(Delegate&&) = default;
    Delegate& operator=(Delegate&&) = default;

    /// Adds a method: a function, or a lambda or other object with one operator(). Replaces a method of the same name.
    template <class Function>
    Delegate& method(std::string name, Function function) & {
        methods_[std::move(name)] = std::make_unique<Served<Function>>(std::move(function));
        return *this;
    }

    /// Adds a method: a member function of an object. Pass a pointer, a smart pointer or a std::ref to the object; any
    /// other object is copied.
    template <class Class, class Function, class Object>
    Delegate& method(std::string name, Function Class::*member, Object object) & {
        return method(std::move(name), bound(member, std::move(object), detail::shape_of<Function>()));
    }

    /// Adds a method that callers call one-way. It is served like one added by method(); the description of the
    /// interface says that it is one-way.
    template <class... Method>
    Delegate& one_way(const std::string& name, Method... method_and_object) & {
        one_way_.insert(name);
        return method(name, std::move(method_and_object)...);
    }

    /// Adds an overload of a method. Overloads are distinguished by their signature, e.g. "Add_Int64_Int64", which .NET
    /// callers send. For a caller that sends none, the number of arguments decides, if exactly one overload takes it.
    template <class Function>
    Delegate& overload(const std::string& name, std::string signature, Function function) & {
        auto* alike = dynamic_cast<detail::Overloads*>(methods_[name].get());
        if (alike == nullptr) {
            auto made = std::make_unique<detail::Overloads>();
            alike = made.get();
            methods_[name] = std::move(made);
        }
        alike->add(std::move(signature), Served<Function>::takes,
                   std::make_unique<Served<Function>>(std::move(function)));
        return *this;
    }

    /// Adds an overload that is a member function of an object.
    template <class Class, class Function, class Object>
    Delegate& overload(const std::string& name, std::string signature, Function Class::*member, Object object) & {
        return overload(name, std::move(signature), bound(member, std::move(object), detail::shape_of<Function>()));
    }

    /// Makes a function serve the calls of all other methods. It takes a Call& and gets the arguments from
    /// Call::arguments(). Without it, such calls fail with contract_mismatch.
    template <class Function>
    Delegate& fallback(Function function) & {
        fallback_ = std::make_unique<detail::OtherMethods<Function>>(std::move(function));
        return *this;
    }

    // The same for a temporary: Delegate().method(...).method(...).

    template <class... Method>
    Delegate&& method(std::string name, Method... method_and_object) && {
        return std::move(method(std::move(name), std::move(method_and_object)...));
    }

    template <class... Method>
    Delegate&& one_way(const std::string& name, Method... method_and_object) && {
        return std::move(one_way(name, std::move(method_and_object)...));
    }

    template <class... Method>
    Delegate&& overload(const std::string& name, std::string signature, Method... method_and_object) && {
        return std::move(overload(name, std::move(signature), std::move(method_and_object)...));
    }

    template <class Function>
    Delegate&& fallback(Function function) && {
        return std::move(fallback(std::move(function)));
    }

    /// The description of the interface that it serves, from the types of its functions. The results of functions that
    /// take a Call& or a DeferredCall, and so may defer the reply, are any value. Empty if it has a fallback, which serves methods that it does not
    /// know. Throws invalid_argument for an interface or method whose name is not valid.
    std::optional<Contract> contract(std::string_view interface_name) const {
        if (fallback_)
            return std::nullopt;
        detail::Description description;
        std::set<std::string> names;
        for (const auto& named : methods_)
            names.insert(named.first);
        for (const std::string& name : names)
            methods_.at(name)->describe(description, {name, {}, one_way_.count(name) != 0});
        return Contract::parse(description.document(interface_name));
    }

private:
    friend struct detail::Serving;

    template <class Function>
    using Served = detail::FunctionMethod<std::decay_t<Function>, detail::shape_of<Function>>;

    template <class Member, class Object, class Result, class... Parameters>
    static auto bound(Member member, Object object, detail::Shape<Result, Parameters...>) {
        return [member, object = std::move(object)](Parameters... arguments) mutable -> Result {
            return std::invoke(member, object, static_cast<Parameters&&>(arguments)...);
        };
    }

    /// Serves a call.
    void serve(callgate_call* call, const detail::SharedContext& context) const noexcept {
        if (const detail::Method* found = find(callgate_call_method(call, nullptr)))
            found->serve(call, context);
        else
            callgate_call_fail_no_such_method(call, nullptr);
    }

    const detail::Method* find(const char* name) const noexcept {
        const auto found = methods_.find(name);
        return found != methods_.end() ? found->second.get() : fallback_.get();
    }

    std::unordered_map<std::string, std::unique_ptr<detail::Method>> methods_;
    std::set<std::string> one_way_;
    std::unique_ptr<const detail::Method> fallback_;
};

CALLGATE_END_NAMESPACE
