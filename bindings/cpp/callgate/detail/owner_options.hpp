/// The options that hosts and clients have in common.
#pragma once

#include <callgate/detail/context.hpp>
#include <callgate/detail/handle.hpp>
#include <callgate/limits.hpp>
#include <callgate/trace.hpp>
#include <callgate/version.hpp>

#include <memory>
#include <optional>

CALLGATE_BEGIN_NAMESPACE
namespace detail {

/// Sets the limits, which are borrowed, and the log in the options of a host or client.
template <class Options>
void set_owner_options(Options& options, const callgate_limits& limits, const Log& to) {
    options.struct_size = sizeof options;
    options.limits = &limits;
    if (to) {
        options.log = log;
        options.log_user_data = new Log(to);
        options.log_user_data_free = release<Log>;
    }
}

/// A trace for C, which borrows the name of its file.
inline std::optional<callgate_trace> c_trace(const std::optional<Trace>& trace) {
    if (!trace)
        return std::nullopt;
    callgate_trace made{};
    made.struct_size = sizeof made;
    made.file = trace->file.c_str();
    made.limit = trace->limit;
    made.payloads = trace->payloads ? 1 : 0;
    return made;
}

} // namespace detail
CALLGATE_END_NAMESPACE
