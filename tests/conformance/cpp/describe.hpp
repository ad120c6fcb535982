/// Describes a value in the form that README.md defines for all languages.
#pragma once

#include <callgate/callgate.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <time.h>
#include <stdexcept>
#include <string>
#include <vector>

inline std::string hex(const char* data, std::size_t size) {
    std::string digits;
    for (std::size_t i = 0; i < size; i++) {
        char two[3];
        std::snprintf(two, sizeof two, "%02x", static_cast<unsigned char>(data[i]));
        digits += two;
    }
    return digits;
}

/// Printable ASCII unchanged, all other bytes of the UTF-8 as \xHH.
inline std::string describe_text(const std::string& text) {
    std::string described = "\"";
    for (const char letter : text) {
        const bool plain = letter >= 0x20 && letter <= 0x7e && letter != '"' && letter != '\\';
        described += plain ? std::string(1, letter) : "\\x" + hex(&letter, 1);
    }
    return described + "\"";
}

inline std::string describe_float(double number) {
    if (std::isnan(number))
        return "float:nan";
    std::uint64_t bits;
    std::memcpy(&bits, &number, sizeof bits);
    char digits[17];
    std::snprintf(digits, sizeof digits, "%016llx", static_cast<unsigned long long>(bits));
    return std::string("float:") + digits;
}

/// Whole seconds since 1970, rounded down, plus nanoseconds.
inline std::string describe_time(const msgpack::object& value) {
    const auto time = value.as<timespec>();
    char rest[10];
    std::snprintf(rest, sizeof rest, "%09ld", static_cast<long>(time.tv_nsec));
    return "time:" + std::to_string(time.tv_sec) + "." + rest;
}

inline std::string joined(const std::vector<std::string>& parts) {
    std::string all;
    for (const std::string& part : parts)
        all += (all.empty() ? "" : ", ") + part;
    return all;
}

/// The description of a value.
inline std::string describe(const msgpack::object& value) {
    std::vector<std::string> parts;
    switch (value.type) {
    case msgpack::type::NIL:
        return "nil";
    case msgpack::type::BOOLEAN:
        return value.via.boolean ? "true" : "false";
    case msgpack::type::POSITIVE_INTEGER:
        return std::to_string(value.via.u64);
    case msgpack::type::NEGATIVE_INTEGER:
        return std::to_string(value.via.i64);
    case msgpack::type::FLOAT32:
    case msgpack::type::FLOAT64:
        return describe_float(value.via.f64);
    case msgpack::type::STR:
        return describe_text(value.as<std::string>());
    case msgpack::type::BIN:
        return "bin:" + hex(value.via.bin.ptr, value.via.bin.size);
    case msgpack::type::ARRAY:
        for (std::uint32_t i = 0; i < value.via.array.size; i++)
            parts.push_back(describe(value.via.array.ptr[i]));
        return "[" + joined(parts) + "]";
    case msgpack::type::MAP:
        for (std::uint32_t i = 0; i < value.via.map.size; i++)
            parts.push_back(describe(value.via.map.ptr[i].key) + ": " + describe(value.via.map.ptr[i].val));
        std::sort(parts.begin(), parts.end());
        return "{" + joined(parts) + "}";
    default:
        return describe_time(value);
    }
}

/// The value of MessagePack in hexadecimal digits.
inline callgate::Value native(const std::string& digits) {
    std::string bytes;
    for (std::size_t i = 0; i + 1 < digits.size(); i += 2)
        bytes += static_cast<char>(std::stoi(digits.substr(i, 2), nullptr, 16));
    return msgpack::unpack(bytes.data(), bytes.size());
}
