"""Schemas of classes with fields."""

import dataclasses
import typing
from typing import Any, Callable, Dict

from .._contracts.conversion import hints
from .._contracts.generics import field_annotations
from .values import with_default

Schema = Dict[str, Any]
_Describe = Callable[[Any], Schema]


def record(annotation: Any, describe: _Describe) -> Schema:
    """The schema of a dataclass, a typed dict or a named tuple, generic ones included."""
    kind = typing.get_origin(annotation) or annotation
    annotations = field_annotations(annotation, hints(kind))
    # Dataclasses and named tuples without a docstring get one: their signature.
    signature = f"{kind.__name__}("
    if dataclasses.is_dataclass(kind):
        made = _dataclass(kind, annotations, describe)
    elif hasattr(kind, "_fields"):
        items = [describe(annotations.get(name, Any)) for name in kind._fields]
        made = {"type": "array", "prefixItems": items, "items": False}
    else:
        made = _typed_dict(kind, annotations, describe)
    words = kind.__dict__.get("__doc__") or ""
    if words and not words.startswith(signature):
        made["description"] = words.strip()
    return made


def _dataclass(kind: Any, annotations: Dict[str, Any], describe: _Describe) -> Schema:
    fields = [field for field in dataclasses.fields(kind) if field.init]
    missing = dataclasses.MISSING
    required = [
        field.name
        for field in fields
        if field.default is missing and field.default_factory is missing
    ]
    properties = {
        field.name: with_default(describe(annotations[field.name]), field.default)
        for field in fields
    }
    # All fields are sent, also those that a receiver may do without.
    return {**_object(properties, required), "x-callgate-complete": True}


def _typed_dict(kind: Any, annotations: Dict[str, Any], describe: _Describe) -> Schema:
    properties = {name: describe(each) for name, each in annotations.items()}
    every = list(annotations) if kind.__total__ else []
    return _object(properties, sorted(getattr(kind, "__required_keys__", every)))


def _object(properties: Dict[str, Schema], required: Any) -> Schema:
    return {"type": "object", "properties": properties, "required": required}
