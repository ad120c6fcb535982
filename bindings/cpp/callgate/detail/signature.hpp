/// The types of functions.
#pragma once

#include <callgate/version.hpp>

#include <type_traits>

CALLGATE_BEGIN_NAMESPACE
namespace detail {

/// The parameters and the result of a callable type.
template <class Result, class... Parameters>
struct Shape {};

template <class Function>
struct ShapeOf : ShapeOf<decltype(&Function::operator())> {};

template <class R, class... P>
struct ShapeOf<R(P...)> {
    using type = Shape<R, P...>;
};

template <class R, class... P>
struct ShapeOf<R(P...) const> : ShapeOf<R(P...)> {};

template <class R, class... P>
struct ShapeOf<R(P...) noexcept> : ShapeOf<R(P...)> {};

template <class R, class... P>
struct ShapeOf<R(P...) const noexcept> : ShapeOf<R(P...)> {};

template <class Function>
struct ShapeOf<Function*> : ShapeOf<Function> {};

template <class Class, class Function>
struct ShapeOf<Function Class::*> : ShapeOf<Function> {};

template <class Function>
using shape_of = typename ShapeOf<std::decay_t<Function>>::type;

} // namespace detail
CALLGATE_END_NAMESPACE
