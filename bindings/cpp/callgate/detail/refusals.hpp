/// Converts exceptions to errors of the C library.
#pragma once

#include <callgate/detail/context.hpp>
#include <callgate/detail/handle.hpp>
#include <callgate/remote_error.hpp>
#include <callgate/version.hpp>

#include <exception>
#include <string>

CALLGATE_BEGIN_NAMESPACE
namespace detail {

/// Which Callgate exceptions keep their status; all others become remote errors.
enum class Keep { mismatches, all };

/// Replaces non-ASCII characters with question marks: C requires UTF-8, and an exception may use any encoding.
inline std::string ascii(std::string text) {
    for (char& letter : text)
        if (static_cast<unsigned char>(letter) >= 0x80)
            letter = '?';
    return text;
}

inline ErrorHandle try_make_error(const remote_error& failure) {
    callgate_error_parts parts{};
    parts.struct_size = sizeof parts;
    parts.status = CALLGATE_STATUS_REMOTE_ERROR;
    parts.type_name = failure.type_name().c_str();
    parts.message = failure.message().data();
    parts.message_length = failure.message().size();
    parts.trace = failure.trace().data();
    parts.trace_length = failure.trace().size();
    parts.data = failure.packed_data().data();
    parts.data_length = failure.packed_data().size();
    callgate_error* made = nullptr;
    callgate_error_new(&parts, &made, nullptr);
    return ErrorHandle(made);
}

inline ErrorHandle make_error(const remote_error& failure) {
    if (ErrorHandle made = try_make_error(failure))
        return made;
    // The error itself matters more than its data.
    return try_make_error(remote_error(ascii(failure.type_name()), ascii(failure.message()), ascii(failure.trace())));
}

inline ErrorHandle make_error(const error& failure, Execution execution) {
    const std::string message = ascii(failure.message());
    callgate_error_parts parts{};
    parts.struct_size = sizeof parts;
    parts.status = static_cast<callgate_status>(failure.status());
    parts.execution = static_cast<callgate_execution>(execution);
    parts.message = message.data();
    parts.message_length = message.size();
    callgate_error* made = nullptr;
    callgate_error_new(&parts, &made, nullptr);
    return ErrorHandle(made);
}

/// The nested exceptions of an exception, one line each.
inline std::string nested_lines(const std::exception& thrown) {
    try {
        std::rethrow_if_nested(thrown);
        return {};
    } catch (const std::exception& cause) {
        return "caused by " + exception_name(typeid(cause)) + ": " + cause.what() + "\n" + nested_lines(cause);
    } catch (...) {
        return "caused by " + current_exception_name() + "\n";
    }
}

/// An error from the exception that is being handled; NULL if there is no memory for it.
inline ErrorHandle refusal(const Context& context, Execution execution, Keep keep = Keep::mismatches) noexcept {
    try {
        try {
            throw;
        } catch (const remote_error& failure) {
            return make_error(failure);
        } catch (const error& failure) {
            if (keep == Keep::all || failure.status() == Status::contract_mismatch)
                return make_error(failure, execution);
            return make_error(remote_error(context.exceptions.name_of(failure), failure.message()));
        } catch (const std::exception& failure) {
            return make_error(remote_error(context.exceptions.name_of(failure), failure.what(), nested_lines(failure)));
        } catch (...) {
            return make_error(remote_error(current_exception_name(), ""));
        }
    } catch (...) {
        return nullptr;
    }
}

/// Stores it as the error of a callback; returns the status.
inline callgate_status refuse(callgate_error** place, const Context& context, Execution execution,
                              Keep keep = Keep::mismatches) noexcept {
    *place = refusal(context, execution, keep).release();
    return CALLGATE_STATUS_REMOTE_ERROR;
}

} // namespace detail
CALLGATE_END_NAMESPACE
