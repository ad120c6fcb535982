/// Containers, pointers and times as JSON Schema.
#pragma once

#include <callgate/detail/schema.hpp>
#include <callgate/version.hpp>

#include <array>
#include <chrono>
#include <deque>
#include <forward_list>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

CALLGATE_BEGIN_NAMESPACE
namespace detail {

template <class T>
struct ArraySchema {
    static std::string write(Schemas& schemas) {
        return R"({"type": "array", "items": )" + schemas.of<T>() + "}";
    }
};

/// An array whose elements travel as bytes if they are bytes.
template <class T>
struct SequenceSchema {
    static std::string write(Schemas& schemas) {
        return is_byte<T> ? binary_schema() : ArraySchema<T>::write(schemas);
    }
};

template <class T, class... Rest>
struct Schema<std::vector<T, Rest...>> : SequenceSchema<T> {};
template <class T, std::size_t size>
struct Schema<std::array<T, size>> : SequenceSchema<T> {};
template <class T, class... Rest>
struct Schema<std::list<T, Rest...>> : ArraySchema<T> {};
template <class T, class... Rest>
struct Schema<std::forward_list<T, Rest...>> : ArraySchema<T> {};
template <class T, class... Rest>
struct Schema<std::deque<T, Rest...>> : ArraySchema<T> {};
template <class T, class... Rest>
struct Schema<std::set<T, Rest...>> : ArraySchema<T> {};
template <class T, class... Rest>
struct Schema<std::multiset<T, Rest...>> : ArraySchema<T> {};
template <class T, class... Rest>
struct Schema<std::unordered_set<T, Rest...>> : ArraySchema<T> {};
template <class T, class... Rest>
struct Schema<std::unordered_multiset<T, Rest...>> : ArraySchema<T> {};

template <class... T>
struct TupleSchema {
    static std::string write(Schemas& schemas) {
        std::string items;
        (append(items, schemas.of<T>()), ...);
        return R"({"type": "array", "prefixItems": [)" + items + "]}";
    }
};

template <class... T>
struct Schema<std::tuple<T...>> : TupleSchema<T...> {};
template <class First, class Second>
struct Schema<std::pair<First, Second>> : TupleSchema<First, Second> {};

template <class Key, class T>
struct MapSchema {
    static std::string write(Schemas& schemas) {
        const std::string keys = schemas.of<Key>();
        return R"({"type": "object", "x-callgate-keys": )" + keys + R"(, "additionalProperties": )" + schemas.of<T>()
            + "}";
    }
};

template <class Key, class T, class... Rest>
struct Schema<std::map<Key, T, Rest...>> : MapSchema<Key, T> {};
template <class Key, class T, class... Rest>
struct Schema<std::multimap<Key, T, Rest...>> : MapSchema<Key, T> {};
template <class Key, class T, class... Rest>
struct Schema<std::unordered_map<Key, T, Rest...>> : MapSchema<Key, T> {};
template <class Key, class T, class... Rest>
struct Schema<std::unordered_multimap<Key, T, Rest...>> : MapSchema<Key, T> {};

template <class T>
struct NullableSchema {
    static std::string write(Schemas& schemas) { return nullable(schemas.of<T>()); }
};

template <class T>
struct Schema<std::optional<T>> : NullableSchema<T> {};
template <class T, class Deleter>
struct Schema<std::unique_ptr<T, Deleter>> : NullableSchema<T> {};
template <class T>
struct Schema<std::shared_ptr<T>> : NullableSchema<T> {};

template <class Duration>
struct Schema<std::chrono::time_point<std::chrono::system_clock, Duration>> {
    static std::string write(Schemas&) { return R"({"type": "string", "x-callgate-type": "timestamp"})"; }
};

} // namespace detail
CALLGATE_END_NAMESPACE
