"""Generic classes: the annotations of their fields, with type parameters replaced."""

import sys
import typing
from typing import Any, Dict, Iterable, TypeVar

_Known = Dict[Any, Any]


def field_annotations(annotation: Any, annotations: Dict[str, Any]) -> Dict[str, Any]:
    """The annotations of a class's fields, with its type variables replaced.

    Args:
        annotation: The class, with or without parameters, e.g. `Page[int]`.
        annotations: The annotations in the class, inherited fields included.
    """
    kind = typing.get_origin(annotation) or annotation
    known: Dict[Any, _Known] = {}
    _collect(annotation, known)
    made: Dict[str, Any] = {}
    # A type variable can have one value in a class and another in its base class.
    for base in kind.__mro__:
        for name in _own(base):
            if name in annotations and name not in made:
                made[name] = _replace(annotations[name], known.get(base, {}))
    own = known.get(kind, {})
    return {name: made.get(name, _replace(each, own)) for name, each in annotations.items()}


def _own(cls: Any) -> Iterable[str]:
    # Before Python 3.10, getattr() finds the annotations of a base class.
    found = getattr(cls, "__annotations__", {}) if sys.version_info >= (3, 10) else None
    return cls.__dict__.get("__annotations__", {}) if found is None else found


def _collect(annotation: Any, known: Dict[Any, _Known]) -> None:
    """Collects the values of the type variables of a class and its base classes."""
    kind = typing.get_origin(annotation) or annotation
    if kind in known or not hasattr(kind, "__bases__"):
        return
    variables = getattr(kind, "__parameters__", ())
    known[kind] = dict(zip(variables, typing.get_args(annotation)))
    for base in kind.__dict__.get("__orig_bases__", kind.__bases__):
        if typing.get_origin(base) not in (typing.Generic, typing.Protocol):
            _collect(_replace(base, known[kind]), known)


def _replace(annotation: Any, known: _Known) -> Any:
    if isinstance(annotation, TypeVar):
        return known.get(annotation, annotation)
    variables = getattr(annotation, "__parameters__", ())
    if not known or not variables or typing.get_origin(annotation) is None:
        return annotation
    return annotation[tuple(known.get(variable, variable) for variable in variables)]
