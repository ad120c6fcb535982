/// Values as MessagePack: an argument or a result is whatever msgpack-cxx can pack.
#pragma once

#include <callgate/detail/bytes.hpp>
#include <callgate/detail/handle.hpp>
#include <callgate/detail/text.hpp>
#include <callgate/error.hpp>
#include <callgate/timestamp.hpp>
#include <callgate/version.hpp>

#include <msgpack.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

CALLGATE_BEGIN_NAMESPACE

/// Any value: get() returns a msgpack::object, which lives as long as this.
using Value = msgpack::object_handle;

namespace detail {

constexpr std::size_t deepest = 64;

template <class T>
void pack_one(msgpack::packer<Bytes>& packer, const T& value) {
    if constexpr (std::is_same_v<T, Value>)
        packer.pack(value.get());
    else if constexpr (std::is_null_pointer_v<T>)
        packer.pack_nil();
    else
        packer.pack(value);
}

/// Encodes a value. Throws invalid_argument, with a message about `what`, if that fails.
template <class Write>
Bytes packed(std::string_view what, Write write) {
    Bytes bytes;
    try {
        msgpack::packer<Bytes> packer(bytes);
        write(packer);
    } catch (const msgpack::container_size_overflow&) {
        throw invalid_argument(std::string(what) + " cannot be encoded: it is too long");
    }
    return bytes;
}

template <class... Arguments>
Bytes pack_arguments(const Arguments&... arguments) {
    return packed("an argument", [&](msgpack::packer<Bytes>& packer) {
        packer.pack_array(sizeof...(arguments));
        (pack_one(packer, arguments), ...);
    });
}

/// Decodes bytes from a peer, after checking them. The value refers to the bytes and the zone.
inline msgpack::object unpack(const char* data, std::size_t size, msgpack::zone& zone, bool refer = true) {
    // False or nested lengths would make msgpack-cxx allocate far more than the data's size.
    callgate_error* refusal = nullptr;
    if (callgate_check_value(data, size, &refusal) != CALLGATE_STATUS_OK) {
        const ErrorHandle owner(refusal);
        throw contract_mismatch("cannot be decoded: " + std::string(text(callgate_error_message, refusal)));
    }
    const auto reference = [](msgpack::type::object_type, std::size_t, void* wanted) { return wanted != nullptr; };
    const msgpack::unpack_limit limit(0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, deepest);
    try {
        std::size_t offset = 0;
        return msgpack::unpack(zone, data, size, offset, reference, refer ? &zone : nullptr, limit);
    } catch (const msgpack::unpack_error& refused) {
        throw contract_mismatch(std::string("cannot be decoded: ") + refused.what());
    }
}

/// The kind of a value, in words.
inline std::string describe(const msgpack::object& object) {
    switch (object.type) {
    case msgpack::type::NIL:
        return "nil";
    case msgpack::type::BOOLEAN:
        return "a boolean";
    case msgpack::type::POSITIVE_INTEGER:
        return std::to_string(object.via.u64);
    case msgpack::type::NEGATIVE_INTEGER:
        return std::to_string(object.via.i64);
    case msgpack::type::FLOAT32:
    case msgpack::type::FLOAT64:
        return "a double";
    case msgpack::type::STR:
        return "a string";
    case msgpack::type::BIN:
        return "binary data";
    case msgpack::type::ARRAY:
        return "an array";
    case msgpack::type::MAP:
        return "a map";
    default:
        return object.via.ext.type() == -1 ? "a timestamp" : "an extension";
    }
}

/// The name of a type in messages.
template <class T>
std::string type_name() {
    if constexpr (std::is_same_v<T, bool>)
        return "a boolean";
    else if constexpr (std::is_integral_v<T>)
        return (std::is_signed_v<T> ? "an int" : "a uint") + std::to_string(8 * sizeof(T));
    else if constexpr (std::is_floating_point_v<T>)
        return sizeof(T) < sizeof(double) ? "a float" : "a double";
    else if constexpr (std::is_same_v<T, std::string> || std::is_same_v<T, std::string_view>)
        return "a string";
    else
        return readable(typeid(T));
}

/// Whether a floating point type represents a number exactly; msgpack-cxx would silently round integers.
template <class T>
bool keeps(const msgpack::object& object) {
    constexpr auto exact = std::uint64_t(1) << std::numeric_limits<T>::digits;
    switch (object.type) {
    case msgpack::type::POSITIVE_INTEGER:
        return object.via.u64 <= exact;
    case msgpack::type::NEGATIVE_INTEGER:
        return object.via.i64 >= -static_cast<std::int64_t>(exact);
    case msgpack::type::FLOAT32:
    case msgpack::type::FLOAT64:
        return !std::isfinite(object.via.f64) || std::isfinite(static_cast<T>(object.via.f64));
    default:
        return true;
    }
}

template <class T>
T convert(const msgpack::object& object) {
    try {
        if constexpr (std::is_floating_point_v<T>)
            if (!keeps<T>(object))
                throw msgpack::type_error();
        if constexpr (std::is_same_v<T, Value>)
            return msgpack::clone(object);
        else
            return object.as<T>();
    } catch (const std::bad_cast&) { // msgpack::type_error among them
        throw contract_mismatch("expected " + type_name<T>() + ", found " + describe(object));
    }
}

/// Whether a value of the type refers to bytes that it does not own.
template <class T>
constexpr bool is_view = std::is_same_v<T, std::string_view> || std::is_same_v<T, msgpack::object>
    || std::is_same_v<T, msgpack::type::raw_ref> || std::is_same_v<T, const char*>;

/// Decodes bytes to a type that owns its memory.
template <class T>
T decode(const char* data, std::size_t size) {
    static_assert(!is_view<T>, "the result would refer to freed bytes: use std::string or callgate::Value");
    if constexpr (std::is_same_v<T, Value>) {
        auto zone = std::make_unique<msgpack::zone>();
        const msgpack::object object = unpack(data, size, *zone, false);
        return Value(object, std::move(zone));
    } else {
        msgpack::zone zone;
        return convert<T>(unpack(data, size, zone));
    }
}

/// Decodes the result of a method.
template <class T>
T decode_result(const char* method, const char* data, std::size_t size) {
    if constexpr (!std::is_void_v<T>) {
        try {
            return decode<T>(data, size);
        } catch (const contract_mismatch& refusal) {
            throw contract_mismatch("the result of " + std::string(method) + ": " + refusal.message(),
                                    Execution::ran);
        }
    } else {
        static_cast<void>(method), static_cast<void>(data), static_cast<void>(size);
    }
}

} // namespace detail
CALLGATE_END_NAMESPACE
