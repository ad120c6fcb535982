/// Time points of std::chrono::system_clock as MessagePack timestamps.
///
/// msgpack-cxx supports them only with Boost.
#pragma once

#include <msgpack/version_master.hpp>

// The program must decide, in all of its files alike, whether msgpack-cxx uses Boost.
#if MSGPACK_VERSION_MAJOR < 6 && !defined(MSGPACK_NO_BOOST) && !__has_include(<boost/predef.h>)
#error "Define MSGPACK_NO_BOOST in all files of the program, as CMake's callgate::cpp does, or install Boost"
#endif
#include <msgpack.hpp>

#if MSGPACK_VERSION_MAJOR < 6 ? defined(MSGPACK_NO_BOOST) : !defined(MSGPACK_USE_BOOST)

#include <callgate/detail/big_endian.hpp>
#include <callgate/version.hpp>

#include <chrono>
#include <cstdint>
#include <ratio>

CALLGATE_BEGIN_NAMESPACE
namespace detail {

template <class Duration>
using SystemTime = std::chrono::time_point<std::chrono::system_clock, Duration>;

/// Seconds since 1970-01-01 UTC, which may be negative, plus nanoseconds.
struct Moment {
    std::int64_t seconds;
    std::uint32_t nanoseconds;
};

inline Moment read_moment(const msgpack::object& object) {
    constexpr std::uint64_t second = 1'000'000'000;
    if (object.type != msgpack::type::EXT || object.via.ext.type() != -1)
        throw msgpack::type_error();
    const char* data = object.via.ext.data();
    Moment moment{};
    std::uint64_t nanoseconds = 0;
    switch (object.via.ext.size) {
    case 4:
        moment.seconds = static_cast<std::int64_t>(big_endian(data, 4));
        break;
    case 8:
        nanoseconds = big_endian(data, 8) >> 34;
        moment.seconds = static_cast<std::int64_t>(big_endian(data, 8) & 0x3'ffff'ffff);
        break;
    case 12:
        nanoseconds = big_endian(data, 4);
        moment.seconds = static_cast<std::int64_t>(big_endian(data + 4, 8));
        break;
    default:
        throw msgpack::type_error();
    }
    if (nanoseconds >= second)
        throw msgpack::type_error();
    moment.nanoseconds = static_cast<std::uint32_t>(nanoseconds);
    return moment;
}

/// Throws type_error if a time point cannot represent it.
template <class Duration>
SystemTime<Duration> time_of(Moment moment) {
    using Exact = std::chrono::duration<long double>;
    const Exact about(static_cast<long double>(moment.seconds));
    if (about > Exact((Duration::max)()) - Exact(1) || about < Exact((Duration::min)()) + Exact(1))
        throw msgpack::type_error();
    const auto whole = std::chrono::duration_cast<Duration>(std::chrono::seconds(moment.seconds));
    const std::chrono::nanoseconds rest(moment.nanoseconds);
    return SystemTime<Duration>(whole + std::chrono::duration_cast<Duration>(rest));
}

template <class Duration>
Moment moment_of(SystemTime<Duration> time) {
    const auto whole = std::chrono::floor<std::chrono::seconds>(time.time_since_epoch());
    const auto rest = std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch() - whole);
    return {static_cast<std::int64_t>(whole.count()), static_cast<std::uint32_t>(rest.count())};
}

template <class Stream>
void pack_moment(msgpack::packer<Stream>& packer, Moment moment) {
    const auto seconds = static_cast<std::uint64_t>(moment.seconds);
    char bytes[12];
    std::uint32_t size = 12;
    if (seconds >> 34 != 0) {
        put_big_endian(bytes, 4, moment.nanoseconds);
        put_big_endian(bytes + 4, 8, seconds);
    } else if (seconds >> 32 != 0 || moment.nanoseconds != 0) {
        size = 8;
        put_big_endian(bytes, 8, static_cast<std::uint64_t>(moment.nanoseconds) << 34 | seconds);
    } else {
        size = 4;
        put_big_endian(bytes, 4, seconds);
    }
    packer.pack_ext(size, -1);
    packer.pack_ext_body(bytes, size);
}

} // namespace detail
CALLGATE_END_NAMESPACE

namespace msgpack {
MSGPACK_API_VERSION_NAMESPACE(MSGPACK_DEFAULT_API_NS) {
namespace adaptor {

template <class Duration>
struct convert<std::chrono::time_point<std::chrono::system_clock, Duration>> {
    const msgpack::object& operator()(const msgpack::object& object,
                                      callgate::detail::SystemTime<Duration>& time) const {
        time = callgate::detail::time_of<Duration>(callgate::detail::read_moment(object));
        return object;
    }
};

template <class Duration>
struct pack<std::chrono::time_point<std::chrono::system_clock, Duration>> {
    template <class Stream>
    msgpack::packer<Stream>& operator()(msgpack::packer<Stream>& packer,
                                        const callgate::detail::SystemTime<Duration>& time) const {
        callgate::detail::pack_moment(packer, callgate::detail::moment_of(time));
        return packer;
    }
};

} // namespace adaptor
} // MSGPACK_API_VERSION_NAMESPACE
} // namespace msgpack

#endif
