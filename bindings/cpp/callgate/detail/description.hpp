/// Writes descriptions of interfaces.
#pragma once

#include <callgate/detail/json.hpp>
#include <callgate/detail/schema.hpp>
#include <callgate/detail/schema_containers.hpp>
#include <callgate/detail/schema_structures.hpp>
#include <callgate/detail/signature.hpp>
#include <callgate/version.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

CALLGATE_BEGIN_NAMESPACE
namespace detail {

/// What a description says of a method beside its types.
struct MethodName {
    std::string name;
    /// What distinguishes it from other methods of its name, or empty.
    std::string signature{};
    bool is_one_way = false;
};

/// An OpenRPC document that grows by methods.
class Description {
public:
    /// Adds a method with these parameters.
    template <class Result, class... Parameters>
    void method(const MethodName& method, Shape<Result, Parameters...>) {
        std::string parameters;
        std::size_t number = 0;
        (append(parameters, R"({"name": "p)" + std::to_string(++number) + R"(", "required": true, "schema": )"
                                + schemas_.of<Parameters>() + "}"),
         ...);
        std::string text = R"({"name": )" + json(method.name + (method.signature.empty() ? "" : "/" + method.signature));
        if (!method.signature.empty())
            text += R"(, "x-callgate-method": )" + json(method.name) + R"(, "x-callgate-signature": )"
                + json(method.signature);
        text += R"(, "params": [)" + parameters + "]";
        if (!method.is_one_way)
            text += R"(, "result": {"name": "result", "schema": )" + schemas_.of<Result>() + "}";
        append(methods_, text + "}");
    }

    /// Sets the document of the interface that the host calls back.
    void callback(std::string document) { callback_ = std::move(document); }

    std::string document(std::string_view interface_name) const {
        std::string text = R"({"openrpc": "1.3.2", "info": {"title": )" + json(interface_name)
            + R"(, "version": "1"}, "methods": [)" + methods_ + R"(], "components": {"schemas": )" + schemas_.all()
            + "}";
        if (!callback_.empty())
            text += R"(, "x-callgate-callback": )" + callback_;
        return text + "}";
    }

private:
    Schemas schemas_;
    std::string methods_;
    std::string callback_;
};

} // namespace detail
CALLGATE_END_NAMESPACE
