/// The version of these headers, and their requirements of the compiler and the library.
#pragma once

#if (defined(_MSVC_LANG) ? _MSVC_LANG : __cplusplus) < 201703L
#error "Callgate needs C++17 or later: compile with -std=c++17"
#endif

#if !defined(__cpp_exceptions) && !defined(_CPPUNWIND)
#error "Callgate needs exceptions: compile without -fno-exceptions. Calls that return their errors are try_call()."
#endif

#include <callgate.h>

/// Everything is in an inline namespace per version, so that parts of a program that were compiled with different
/// versions of these headers can be linked together. Programs still write callgate::Client.
#define CALLGATE_BEGIN_NAMESPACE namespace callgate { inline namespace CALLGATE_VERSION_NAMESPACE {
#define CALLGATE_END_NAMESPACE } }
#define CALLGATE_VERSION_NAMESPACE \
    CALLGATE_VERSION_JOIN(CALLGATE_VERSION_MAJOR, CALLGATE_VERSION_MINOR, CALLGATE_VERSION_PATCH)
#define CALLGATE_VERSION_JOIN(major, minor, patch) CALLGATE_VERSION_JOINED(major, minor, patch)
#define CALLGATE_VERSION_JOINED(major, minor, patch) v##major##_##minor##_##patch
