"""JSON Schemas of annotations: what the values of an annotation travel as.

docs/internals/contracts.md has the fields that begin with `x-callgate-`. What these functions do
not know is described as any value, `{}`, which fits everything.
"""

import collections.abc
import dataclasses
import enum
import typing
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath
from typing import Any, Dict, Tuple, TypeVar
from uuid import UUID

from .._contracts.containers import COLLECTIONS
from .._contracts.conversion import is_literal, is_union, own
from .._contracts.scalars import makes_more
from .named import NamedTypes
from .records import record
from .values import any_of, of_values

Schema = Dict[str, Any]

_MAPPINGS = (dict, collections.abc.Mapping, collections.abc.MutableMapping)


def _text(**more: Any) -> Schema:
    return {"type": "string", **more}


_BINARY = _text(**{"x-callgate-type": "binary"})

_SCALARS: Dict[Any, Schema] = {
    type(None): {"type": "null"},
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": "number"},
    str: _text(),
    bytes: _BINARY,
    bytearray: _BINARY,
    memoryview: _BINARY,
    datetime: _text(**{"x-callgate-type": "timestamp"}),
    timedelta: {"type": "integer", "format": "int64", "description": "in units of 100 ns"},
    Decimal: _text(description="a decimal number"),
    UUID: _text(format="uuid"),
    date: _text(format="date"),
    time: _text(format="time"),
    **{kind: _text() for kind in (PurePath, PurePosixPath, PureWindowsPath, Path)},
}


def schema(annotation: Any, types: NamedTypes) -> Schema:
    """The schema of an annotation.

    Args:
        annotation: The annotation, whose values a contract can send.
        types: Where classes are described by name.
    """
    if annotation is None:
        annotation = type(None)
    if annotation in own:
        return _converted(annotation, types)
    if annotation in _SCALARS:
        return dict(_SCALARS[annotation])
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if is_union(origin):
        return any_of(schema(member, types) for member in arguments)
    if is_literal(annotation):
        return of_values(arguments)
    if hasattr(annotation, "__supertype__"):
        return schema(annotation.__supertype__, types)
    if hasattr(annotation, "__metadata__"):  # Annotated
        return schema(annotation.__origin__, types)
    if isinstance(annotation, TypeVar):
        return schema(annotation.__bound__ or Any, types)
    return _of_class(annotation, origin or annotation, arguments, types)


def _of_class(annotation: Any, kind: Any, arguments: Tuple[Any, ...], types: NamedTypes) -> Schema:
    if not isinstance(kind, type) or kind is object:
        return {}
    if issubclass(kind, enum.Enum):
        return types.refer(annotation, lambda: _enumeration(kind))
    if dataclasses.is_dataclass(kind) or hasattr(kind, "_fields") or hasattr(kind, "__total__"):
        return types.refer(annotation, lambda: record(annotation, lambda it: schema(it, types)))
    if kind is tuple:
        return _tuple(arguments, types)
    if kind in _MAPPINGS:
        key, value = arguments or (Any, Any)
        return _mapping(key, value, types)
    if kind in COLLECTIONS:
        return {"type": "array", "items": schema(arguments[0] if arguments else Any, types)}
    return {}


def _mapping(key: Any, value: Any, types: NamedTypes) -> Schema:
    made: Schema = {"type": "object", "additionalProperties": schema(value, types)}
    if key is not str:
        made["x-callgate-keys"] = schema(key, types)
    return made


def _tuple(kinds: Tuple[Any, ...], types: NamedTypes) -> Schema:
    if not kinds or kinds[-1] is Ellipsis:
        return {"type": "array", "items": schema(kinds[0] if kinds else Any, types)}
    items = [schema(kind, types) for kind in kinds if kind != ()]
    return {"type": "array", "prefixItems": items, "items": False}


def _enumeration(kind: Any) -> Schema:
    if makes_more(kind):
        kinds = (type(member.value) for member in kind.__members__.values())
        return any_of(_SCALARS.get(each, {}) for each in kinds)
    return of_values(member.value for member in kind)


def _converted(kind: Any, types: NamedTypes) -> Schema:
    """The schema of a class for which the program has called add_conversion()."""
    if callable(getattr(kind, "model_json_schema", None)):
        return types.refer(kind, lambda: types.of_model(kind))
    return schema(own[kind].sent_as, types)
