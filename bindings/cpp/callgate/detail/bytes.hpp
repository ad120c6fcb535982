/// The buffer that values are packed into.
#pragma once

#include <callgate/detail/big_endian.hpp>
#include <callgate/timestamp.hpp>
#include <callgate/version.hpp>

#include <msgpack.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>

CALLGATE_BEGIN_NAMESPACE
namespace detail {

/// A stream for msgpack-cxx's packer, with which floating point numbers stay floating point numbers.
class Bytes {
public:
    Bytes() { bytes_.reserve(first_size); }

    void write(const char* data, std::size_t size) { bytes_.append(data, size); }
    const char* data() const noexcept { return bytes_.data(); }
    std::size_t size() const noexcept { return bytes_.size(); }

    /// Packs a double-precision number.
    void write_double(double number) {
        char bytes[9] = {static_cast<char>(0xcb)};
        std::uint64_t bits = 0;
        std::memcpy(&bits, &number, sizeof bits);
        put_big_endian(bytes + 1, sizeof bits, bits);
        write(bytes, sizeof bytes);
    }

    /// Packs a single-precision number.
    void write_float(float number) {
        char bytes[5] = {static_cast<char>(0xca)};
        std::uint32_t bits = 0;
        std::memcpy(&bits, &number, sizeof bits);
        put_big_endian(bytes + 1, sizeof bits, bits);
        write(bytes, sizeof bytes);
    }

private:
    static constexpr std::size_t first_size = 256;

    std::string bytes_;
};

} // namespace detail
CALLGATE_END_NAMESPACE

// msgpack-cxx packs 1.0 and -0.0 as integers, which peers would not accept as floating point numbers.
template <>
inline msgpack::packer<callgate::detail::Bytes>& msgpack::packer<callgate::detail::Bytes>::pack_double(double number) {
    m_stream.write_double(number);
    return *this;
}

template <>
inline msgpack::packer<callgate::detail::Bytes>& msgpack::packer<callgate::detail::Bytes>::pack_float(float number) {
    m_stream.write_float(number);
    return *this;
}
