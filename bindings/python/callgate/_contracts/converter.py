"""Converters: how the values of one annotation are checked, sent and received."""

from datetime import datetime
from typing import Any, Callable, Dict, FrozenSet, NamedTuple, Optional

#: Checks and converts one value, or raises Mismatch.
Convert = Callable[[Any], Any]

#: The MessagePack name of a received value by its Python type; messages use these names too.
KINDS: Dict[type, str] = {
    type(None): "nil",
    bool: "a boolean",
    int: "an integer",
    float: "a float",
    str: "a string",
    bytes: "binary",
    list: "an array",
    dict: "a map",
    datetime: "a timestamp",
}

#: Every kind.
ANY_KIND = frozenset(KINDS.values())


class Converter(NamedTuple):
    """How the values of one annotation are checked, sent and received."""

    #: The name of the expected type in messages.
    name: str
    #: Converts a value to what is sent.
    send: Convert
    #: Converts what was received to a value.
    receive: Convert
    #: The kinds of values that `send` returns, named as in KINDS.
    kinds: FrozenSet[str] = ANY_KIND
    #: The class of the values; None if they have several.
    of: Any = None
    #: Whether values are sent and received unchanged.
    is_plain: bool = False
    #: For a class with fields: the Literal values that identify it, by field.
    tags: Optional[Callable[[], Dict[str, Any]]] = None
    #: For a class that the program converts: the annotation of what is sent.
    sent_as: Any = None


class UnknownType(TypeError):
    """An annotation whose values cannot be sent."""


def _as_it_is(value: Any) -> Any:
    return value


#: Any value that MessagePack can represent.
ANY = Converter("anything", _as_it_is, _as_it_is, is_plain=True)
