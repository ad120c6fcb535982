"""Converters of classes with fields.

Dataclasses and typed dicts are sent as maps by field name. In a received map, a missing field gets
its default, and an unknown field is ignored. Named tuples are sent as arrays.
"""

import dataclasses
from typing import Any, Callable, Dict, Tuple

from . import containers
from .mismatch import Mismatch, unlike

_Pair = Tuple[Callable[[Any], Any], Callable[[Any], Any]]
_Converters = Dict[str, Any]


def dataclass(kind: Any, converters: _Converters) -> _Pair:
    """Converts a dataclass, with the fields that its constructor takes."""
    name = kind.__qualname__
    fields = [field for field in dataclasses.fields(kind) if field.init]
    converters = {field.name: converters[field.name] for field in fields}
    needed = [field.name for field in fields if _is_needed(field)]

    def send(value: Any) -> Any:
        if not isinstance(value, kind):
            raise unlike(name, value)
        made = {}
        for field, converter in converters.items():
            try:
                made[field] = converter.send(getattr(value, field))
            except Mismatch as mismatch:
                raise mismatch.within(f".{field}") from None
        return made

    def receive(value: Any) -> Any:
        fields = _receive_map(name, converters, needed, value)
        try:
            return kind(**fields)
        except Exception as error:
            raise Mismatch(name, f"one that its constructor rejects ({error})") from None

    return send, receive


def typed_dict(kind: Any, converters: _Converters) -> _Pair:
    """Converts a dict with fixed keys."""
    name = kind.__qualname__
    every = converters if kind.__total__ else ()
    needed = list(getattr(kind, "__required_keys__", every))

    def send(value: Any) -> Any:
        if not isinstance(value, dict):
            raise unlike(name, value)
        made = {}
        for field, converter in converters.items():
            if field in value:
                try:
                    made[field] = converter.send(value[field])
                except Mismatch as mismatch:
                    raise mismatch.within(f"[{field!r}]") from None
            elif field in needed:
                raise Mismatch(name, f"one without {field!r}")
        for field in value:
            if field not in converters:
                raise Mismatch(name, f"one with {field!r}")
        return made

    return send, lambda value: _receive_map(name, converters, needed, value)


def named_tuple(kind: Any, converters: _Converters) -> _Pair:
    """Converts a named tuple."""
    items = [converters[field] for field in kind._fields]
    return containers.fixed_tuple(kind.__qualname__, items, lambda values: kind(*values))


def _is_needed(field: Any) -> bool:
    missing = dataclasses.MISSING
    return field.default is missing and field.default_factory is missing


def _receive_map(name: str, converters: Dict[str, Any], needed: Any, value: Any) -> Dict[str, Any]:
    if not isinstance(value, dict):
        raise unlike(name, value)
    made = {}
    for field, converter in converters.items():
        if field in value:
            try:
                made[field] = converter.receive(value[field])
            except Mismatch as mismatch:
                raise mismatch.within(f".{field}") from None
        elif field in needed:
            raise Mismatch(name, f"a map without {field!r}")
    return made
