/// Exception types of the program that are sent and thrown by a registered name.
#pragma once

#include <callgate/detail/text.hpp>
#include <callgate/remote_error.hpp>
#include <callgate/version.hpp>

#include <exception>
#include <functional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

CALLGATE_BEGIN_NAMESPACE

namespace detail {

/// Creates an exception of the program from a Callgate error if its constructor takes one, or else from the message.
template <class E, class Original>
E made_of(const Original& original) {
    // A base class of the original could be constructed too, by slicing.
    if constexpr (std::is_constructible_v<E, const Original&> && !std::is_base_of_v<E, Original>)
        return E(original);
    else
        return E(original.message());
}

} // namespace detail

/// Exception types by their names on the wire. A host or client with such types throws a remote error of a registered
/// name as the type, and sends an exception of the type, or of a derived type, under the name.
class Exceptions {
public:
    /// Adds a type that is derived from std::exception. Its constructor takes a const remote_error&, which has the
    /// trace and the data, or the message.
    template <class E>
    Exceptions& add(std::string name = detail::readable(typeid(E))) {
        return add<E>(std::move(name), [](const remote_error& failure) { return detail::made_of<E>(failure); });
    }

    /// Adds a type that `make` creates from a remote error.
    template <class E, class Make>
    Exceptions& add(std::string name, Make make) {
        static_assert(std::is_base_of_v<std::exception, E>, "exceptions are derived from std::exception");
        entries_.push_back({
            std::move(name),
            [](const std::exception& thrown) { return dynamic_cast<const E*>(&thrown) != nullptr; },
            [make](const remote_error& failure) { throw make(failure); },
        });
        return *this;
    }

    /// Throws the exception for a remote error, if its name is registered.
    void rethrow(const remote_error& failure) const {
        for (const Entry& entry : entries_)
            if (entry.name == failure.type_name())
                entry.rethrow(failure);
    }

    /// The name of an exception's type on the wire.
    std::string name_of(const std::exception& thrown) const {
        for (const Entry& entry : entries_)
            if (entry.matches(thrown))
                return entry.name;
        return detail::exception_name(typeid(thrown));
    }

private:
    struct Entry {
        std::string name;
        std::function<bool(const std::exception&)> matches;
        std::function<void(const remote_error&)> rethrow;
    };

    std::vector<Entry> entries_;
};

CALLGATE_END_NAMESPACE
