/// Writes JSON.
#pragma once

#include <callgate/version.hpp>

#include <string>
#include <string_view>

CALLGATE_BEGIN_NAMESPACE
namespace detail {

/// A text as JSON.
inline std::string json(std::string_view text) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string quoted = "\"";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20) {
            quoted += "\\u00";
            quoted += digits[byte >> 4];
            quoted += digits[byte & 15];
        } else {
            if (c == '"' || c == '\\')
                quoted += '\\';
            quoted += c;
        }
    }
    return quoted + '"';
}

/// Appends a text to a list, after a comma unless it is the first.
inline void append(std::string& list, std::string_view text) {
    if (!list.empty())
        list += ", ";
    list += text;
}

} // namespace detail
CALLGATE_END_NAMESPACE
