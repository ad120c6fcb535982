/// Numbers in big-endian order, as in MessagePack.
#pragma once

#include <callgate/version.hpp>

#include <cstddef>
#include <cstdint>

CALLGATE_BEGIN_NAMESPACE
namespace detail {

inline std::uint64_t big_endian(const char* bytes, std::size_t count) noexcept {
    std::uint64_t number = 0;
    for (std::size_t i = 0; i < count; i++)
        number = number << 8 | static_cast<unsigned char>(bytes[i]);
    return number;
}

inline void put_big_endian(char* bytes, std::size_t count, std::uint64_t number) noexcept {
    for (std::size_t i = 0; i < count; i++)
        bytes[i] = static_cast<char>(number >> 8 * (count - 1 - i) & 0xff);
}

} // namespace detail
CALLGATE_END_NAMESPACE
