"""Schemas of values that are listed, and of values of several types."""

import math
from typing import Any, Dict, Iterable, List

Schema = Dict[str, Any]

_OTHERS: Dict[Any, Schema] = {type(None): {"type": "null"}, bool: {"type": "boolean"}}


def any_of(schemas: Iterable[Schema]) -> Schema:
    """The schema of values of one of several types."""
    made: List[Schema] = []
    for schema in schemas:
        if not schema:
            return {}  # Any value.
        for each in schema.get("anyOf", [schema]):
            if each not in made:
                made.append(each)
    return made[0] if len(made) == 1 else {"anyOf": made}


def of_values(values: Iterable[Any]) -> Schema:
    """The schema of some values. Only texts and integers are listed."""
    listed: List[Any] = []
    others: List[Schema] = []
    for value in values:
        if isinstance(value, (str, int)) and not isinstance(value, bool):
            listed.append(value)
        else:
            others.append(_OTHERS.get(type(value), {}))
    return any_of([{"enum": listed}, *others] if listed else others)


def with_default(schema: Schema, default: Any) -> Schema:
    """The schema with a default value, if JSON can represent that."""
    if type(default) not in (type(None), bool, int, float, str):
        return schema
    if isinstance(default, float) and not math.isfinite(default):
        return schema
    return {**schema, "default": default}
