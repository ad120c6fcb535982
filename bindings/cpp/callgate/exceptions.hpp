/// Exceptions of the program's own that travel as themselves.
#pragma once

#include <callgate/detail/text.hpp>
#include <callgate/remote_error.hpp>

#include <exception>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace callgate {

/// Exception types by the names that they have on the wire. A host or client that is given them throws a
/// remote error of such a name as that type, and sends an exception of that type, or one derived from it,
/// under that name. Those thrown so also derive from std::nested_exception, whose nested one is the
/// remote_error with the trace.
class Exceptions {
public:
    /// Adds a type that is derived from std::exception and made of a message.
    template <class E>
    Exceptions& add(std::string name = detail::readable(typeid(E))) {
        return add<E>(std::move(name), [](const remote_error& failure) { return E(failure.message()); });
    }

    /// Adds a type that `make` makes of a remote error.
    template <class E, class Make>
    Exceptions& add(std::string name, Make make) {
        static_assert(std::is_base_of_v<std::exception, E>, "exceptions are derived from std::exception");
        entries_.push_back({
            std::move(name),
            [](const std::exception& thrown) { return dynamic_cast<const E*>(&thrown) != nullptr; },
            [make](const remote_error& failure) { std::throw_with_nested(make(failure)); },
        });
        return *this;
    }

    /// Throws what a remote error stands for, if that is known. To be called where it was caught.
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

} // namespace callgate
