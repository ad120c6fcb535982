/// Outcomes of calls as values.
#pragma once

#include <callgate/detail/access.hpp>
#include <callgate/detail/failures.hpp>
#include <callgate/version.hpp>

#include <type_traits>
#include <utility>
#include <variant>

CALLGATE_BEGIN_NAMESPACE

/// The outcome of try_call(): a result or an error, like std::expected. If the method returns nothing, `*` and value()
/// return void.
template <class T>
class [[nodiscard]] Expected {
public:
    /// A result.
    Expected(detail::Stored<T> value) : outcome_(std::in_place_index<0>, std::move(value)) {}

    /// Whether there is a result.
    bool has_value() const noexcept { return outcome_.index() == 0; }
    explicit operator bool() const noexcept { return has_value(); }

    /// The result. If there is none, throws what call() would throw.
    decltype(auto) value() const& { return given(*this); }
    decltype(auto) value() & { return given(*this); }
    decltype(auto) value() && { return given(std::move(*this)); }

    /// The result, like value().
    decltype(auto) operator*() const& { return value(); }
    decltype(auto) operator*() & { return value(); }
    decltype(auto) operator*() && { return std::move(*this).value(); }

    const detail::Stored<T>* operator->() const { return &std::get<0>(outcome_); }
    detail::Stored<T>* operator->() { return &std::get<0>(outcome_); }

    /// The result, or another value.
    template <class Other>
    T value_or(Other&& other) const& {
        return has_value() ? std::get<0>(outcome_) : static_cast<T>(std::forward<Other>(other));
    }
    template <class Other>
    T value_or(Other&& other) && {
        return has_value() ? std::get<0>(std::move(outcome_)) : static_cast<T>(std::forward<Other>(other));
    }

    /// The error, which must exist: status(), may_have_run(), message(). Its dynamic type is the type that call() would
    /// throw, so it can be cast to remote_error.
    const callgate::error& error() const { return *std::get<1>(outcome_).failure.what; }

private:
    friend struct detail::Access;

    struct Failed {
        detail::Failure failure;
        detail::SharedTranslation translation;
    };

    Expected(detail::Failure failure, detail::SharedTranslation translation)
        : outcome_(std::in_place_index<1>, Failed{std::move(failure), std::move(translation)}) {}

    template <class Self>
    static decltype(auto) given(Self&& self) {
        if (!self.has_value()) {
            const Failed& failed = std::get<1>(self.outcome_);
            detail::raise(failed.failure, failed.translation);
        }
        if constexpr (!std::is_void_v<T>)
            return std::get<0>(std::forward<Self>(self).outcome_);
    }

    std::variant<detail::Stored<T>, Failed> outcome_;
};

CALLGATE_END_NAMESPACE
