/// Text for and from C, and names of types.
#pragma once

#include <callgate/error.hpp>
#include <callgate/version.hpp>

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <typeinfo>

#if __has_include(<cxxabi.h>)
#include <cxxabi.h>
#endif

CALLGATE_BEGIN_NAMESPACE
namespace detail {

inline void check_name(const std::string& text) {
    if (text.find('\0') != std::string::npos)
        throw invalid_argument("a name must not contain NUL");
}

} // namespace detail

/// The name of an interface, a method or the like: a literal or a string without NUL. It is borrowed until the function
/// returns that it is passed to.
class Name {
public:
    Name(const char* text) : text_(text) {
        if (text == nullptr)
            throw invalid_argument("a name must not be NULL");
    }

    Name(const std::string& text) : text_(text.c_str()) { detail::check_name(text); }

    const char* c_str() const noexcept { return text_; }

private:
    const char* text_;
};

namespace detail {

/// The text that a C function returns.
template <class... Arguments, class... Given>
std::string_view text(const char* (*function)(Arguments...), Given... given) noexcept {
    std::size_t length = 0;
    const char* start = function(given..., &length);
    return {start, length};
}

/// A name without the inline namespace, which programs do not write.
inline std::string without_version(std::string name) {
#define CALLGATE_TEXT(text) CALLGATE_TEXT_OF(text)
#define CALLGATE_TEXT_OF(text) #text
    constexpr std::string_view version = CALLGATE_TEXT(CALLGATE_VERSION_NAMESPACE) "::";
#undef CALLGATE_TEXT
#undef CALLGATE_TEXT_OF
    for (std::size_t at = 0; (at = name.find(version, at)) != std::string::npos;)
        name.erase(at, version.size());
    return name;
}

/// The name of a type as written in source code, if the compiler provides it.
inline std::string readable(const std::type_info& type) {
#if __has_include(<cxxabi.h>)
    int status = 0;
    const std::unique_ptr<char, decltype(&std::free)> name(
        abi::__cxa_demangle(type.name(), nullptr, nullptr, &status), &std::free);
    if (name && status == 0)
        return without_version(name.get());
#endif
    return type.name();
}

/// The name of an exception's type, without the wrapper of std::throw_with_nested().
inline std::string exception_name(const std::type_info& type) {
    constexpr std::string_view nested = "std::_Nested_exception<";
    std::string name = readable(type);
    if (name.compare(0, nested.size(), nested) == 0)
        name = name.substr(nested.size(), name.size() - nested.size() - 1);
    return name;
}

/// The name of the type of the exception that is being handled; it need not be a std::exception.
inline std::string current_exception_name() {
#if __has_include(<cxxabi.h>)
    if (const std::type_info* type = abi::__cxa_current_exception_type())
        return exception_name(*type);
#endif
    return "unknown";
}

} // namespace detail
CALLGATE_END_NAMESPACE
