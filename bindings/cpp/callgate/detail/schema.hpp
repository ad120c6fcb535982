/// Types as JSON Schema, for descriptions of interfaces.
#pragma once

#include <callgate/detail/json.hpp>
#include <callgate/detail/text.hpp>
#include <callgate/value.hpp>
#include <callgate/version.hpp>

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <type_traits>
#include <typeindex>
#include <typeinfo>
#include <utility>

CALLGATE_BEGIN_NAMESPACE
namespace detail {

/// The schema of any value.
constexpr std::string_view any_value = "{}";

class Schemas;

/// Writes the schema of a type: any value, unless there is a specialisation for the type.
template <class T, class = void>
struct Schema {
    static std::string write(Schemas&) { return std::string(any_value); }
};

/// The schemas of a document's types. Structures are written once, under their names.
class Schemas {
public:
    /// The schema of a type.
    template <class T>
    std::string of() {
        return Schema<std::decay_t<T>>::write(*this);
    }

    /// A reference to the schema of a structure, which `write` returns. It may refer to the structure itself.
    template <class T, class Write>
    std::string named(Write write) {
        const auto [found, is_new] = names_.try_emplace(typeid(T));
        if (is_new) {
            const std::string name = found->second = unused_name(readable(typeid(T)));
            types_[name]; // now in use
            types_[name] = write();
        }
        return R"({"$ref": )" + json("#/components/schemas/" + names_.at(typeid(T))) + "}";
    }

    /// The schemas of the structures, as an object.
    std::string all() const {
        std::string members;
        for (const auto& [name, schema] : types_)
            append(members, json(name) + ": " + schema);
        return "{" + members + "}";
    }

private:
    /// The name of a type, with points in place of punctuation: bank.Account.
    std::string unused_name(const std::string& type) const {
        std::string name;
        for (const char c : type)
            if (std::string_view("<>():, *&").find(c) == std::string_view::npos)
                name += c;
            else if (!name.empty() && name.back() != '.')
                name += '.';
        while (types_.count(name) != 0)
            name += '_';
        return name;
    }

    std::map<std::type_index, std::string> names_;
    std::map<std::string, std::string> types_;
};

/// Whether arrays of the type travel as bytes.
template <class T>
constexpr bool is_byte =
    std::is_same_v<T, char> || std::is_same_v<T, unsigned char> || std::is_same_v<T, std::byte>;

inline std::string binary_schema() {
    return R"({"type": "string", "x-callgate-type": "binary"})";
}

inline std::string nullable(const std::string& schema) {
    return schema == any_value ? schema : R"({"anyOf": [)" + schema + R"(, {"type": "null"}]})";
}

template <>
struct Schema<bool> {
    static std::string write(Schemas&) { return R"({"type": "boolean"})"; }
};

template <>
struct Schema<void> {
    static std::string write(Schemas&) { return R"({"type": "null"})"; }
};

template <>
struct Schema<std::nullptr_t> : Schema<void> {};

template <class T>
struct Schema<T, std::enable_if_t<std::is_integral_v<T>>> {
    static std::string write(Schemas&) {
        return std::string(R"({"type": "integer", "format": ")") + (std::is_signed_v<T> ? "int" : "uint")
            + std::to_string(8 * sizeof(T)) + "\"}";
    }
};

template <>
struct Schema<float> {
    static std::string write(Schemas&) { return R"({"type": "number", "format": "float"})"; }
};

template <>
struct Schema<double> {
    static std::string write(Schemas&) { return R"({"type": "number", "format": "double"})"; }
};

template <>
struct Schema<std::string> {
    static std::string write(Schemas&) { return R"({"type": "string"})"; }
};

template <>
struct Schema<std::string_view> : Schema<std::string> {};

template <>
struct Schema<const char*> : Schema<std::string> {};

template <>
struct Schema<msgpack::type::raw_ref> {
    static std::string write(Schemas&) { return binary_schema(); }
};

} // namespace detail
CALLGATE_END_NAMESPACE
