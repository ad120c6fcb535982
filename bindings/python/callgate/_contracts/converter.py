"""What is done with the values of one annotation, and what they look like as they travel."""

from datetime import datetime
from typing import Any, Callable, Dict, FrozenSet, NamedTuple, Optional

#: Checks and converts one value, or raises Mismatch.
Convert = Callable[[Any], Any]

#: What MessagePack calls the values that arrive, by their types; messages name them so too.
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
    """What is done with the values of one annotation."""

    #: How messages call what is expected.
    name: str
    #: Makes what travels.
    send: Convert
    #: Makes a value of what has arrived.
    receive: Convert
    #: What it makes of the values that it sends, as KINDS has it.
    kinds: FrozenSet[str] = ANY_KIND
    #: The class of the values; None where they are of several.
    of: Any = None
    #: Whether a value arrives as it was given, so that nothing is lost between two of these.
    is_plain: bool = False
    #: Of a class with fields: the values that tell it from others, by the fields that hold them.
    tags: Optional[Callable[[], Dict[str, Any]]] = None


class UnknownType(TypeError):
    """An annotation whose values cannot travel."""


def _as_it_is(value: Any) -> Any:
    return value


#: Whatever MessagePack has.
ANY = Converter("anything", _as_it_is, _as_it_is, is_plain=True)
