"""Generic classes: what the annotations of their fields say once their parameters are known."""

import sys
import typing
from typing import Any, Dict, Iterable, TypeVar

_Known = Dict[Any, Any]


def field_annotations(annotation: Any, annotations: Dict[str, Any]) -> Dict[str, Any]:
    """The annotations of a class's fields, with its type variables replaced.

    Args:
        annotation: The class, or one with its parameters, as `Page[int]`.
        annotations: What the class says, inherited fields included.
    """
    kind = typing.get_origin(annotation) or annotation
    known: Dict[Any, _Known] = {}
    _collect(annotation, known)
    made: Dict[str, Any] = {}
    # A variable may stand for one thing in a class and for another in one that it derives from.
    for base in kind.__mro__:
        for name in _own(base):
            if name in annotations and name not in made:
                made[name] = _replace(annotations[name], known.get(base, {}))
    own = known.get(kind, {})
    return {name: made.get(name, _replace(each, own)) for name, each in annotations.items()}


def _own(cls: Any) -> Iterable[str]:
    # Older Pythons find those of a base where a class has none.
    found = getattr(cls, "__annotations__", {}) if sys.version_info >= (3, 10) else None
    return cls.__dict__.get("__annotations__", {}) if found is None else found


def _collect(annotation: Any, known: Dict[Any, _Known]) -> None:
    """Notes what the variables of a class, and of those that it derives from, stand for."""
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
