/// The options that hosts and clients have in common.
#pragma once

#include <callgate/detail/context.hpp>
#include <callgate/detail/handle.hpp>
#include <callgate/limits.hpp>
#include <callgate/version.hpp>

#include <memory>

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

} // namespace detail
CALLGATE_END_NAMESPACE
