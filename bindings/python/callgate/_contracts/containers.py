"""Converters of lists, sets, tuples and dicts."""

import collections
import collections.abc
from typing import Any, Callable, Dict, Iterable, List, Tuple

from .mismatch import Mismatch, unlike

_Convert = Callable[[Any], Any]
_Pair = Tuple[_Convert, _Convert]

_SEQUENCES = (list, tuple)
_DEQUES = (collections.deque, list, tuple)
_SETS = (set, frozenset)

#: For each collection: what may be sent for it, and what creates a received one.
COLLECTIONS: Dict[Any, Tuple[Any, Callable[[List[Any]], Any]]] = {
    list: (_SEQUENCES, list),
    collections.deque: (_DEQUES, collections.deque),
    tuple: (_SEQUENCES, tuple),
    collections.abc.Sequence: (collections.abc.Sequence, list),
    collections.abc.MutableSequence: (collections.abc.Sequence, list),
    collections.abc.Collection: (collections.abc.Iterable, list),
    collections.abc.Iterable: (collections.abc.Iterable, list),
    set: (_SETS, set),
    frozenset: (_SETS, frozenset),
    collections.abc.Set: (collections.abc.Set, set),
    collections.abc.MutableSet: (collections.abc.Set, set),
}

# Iterable, but not accepted as collections.
_SINGLE = (str, bytes, bytearray, memoryview, collections.abc.Mapping)


def _each(convert: _Convert, values: Iterable[Any]) -> List[Any]:
    made: List[Any] = []
    add = made.append
    try:
        for value in values:
            add(convert(value))
    except Mismatch as mismatch:
        raise mismatch.within(f"[{len(made)}]") from None
    return made


def collection(name: str, kind: Any, item: Any) -> _Pair:
    """Converts any number of items, all with the same converter."""
    accepted, make = COLLECTIONS[kind]

    def send(value: Any) -> Any:
        if not isinstance(value, accepted) or isinstance(value, _SINGLE):
            raise unlike(name, value)
        return _each(item.send, value)

    def receive(value: Any) -> Any:
        if not isinstance(value, list):
            raise unlike(name, value)
        items = _each(item.receive, value)
        try:
            return make(items)
        except TypeError as error:
            raise Mismatch(name, f"one with an item that it cannot contain ({error})") from None

    return send, receive


def fixed_tuple(name: str, items: List[Any], make: Callable[[List[Any]], Any]) -> _Pair:
    """Converts a fixed number of items, each with its own converter."""
    sends, receives = [item.send for item in items], [item.receive for item in items]

    def convert(converts: List[_Convert], values: Any) -> List[Any]:
        if not isinstance(values, _SEQUENCES):
            raise unlike(name, values)
        if len(values) != len(converts):
            raise Mismatch(name, f"of {len(values)}")
        made: List[Any] = []
        try:
            for each, value in zip(converts, values):
                made.append(each(value))
        except Mismatch as mismatch:
            raise mismatch.within(f"[{len(made)}]") from None
        return made

    return (lambda value: convert(sends, value)), (lambda value: make(convert(receives, value)))


def mapping(name: str, key: Any, value: Any) -> _Pair:
    """Converts any number of keys and values."""

    def convert(key: _Convert, held: _Convert, accepted: Any, values: Any) -> Dict[Any, Any]:
        if not isinstance(values, accepted):
            raise unlike(name, values)
        made: Dict[Any, Any] = {}
        for each, value in values.items():
            try:
                made_key = key(each)
            except Mismatch as mismatch:
                raise Mismatch(mismatch.expected, mismatch.given, "'s key") from None
            try:
                made[made_key] = held(value)
            except Mismatch as mismatch:
                raise mismatch.within(f"[{each!r}]") from None
            except TypeError as error:
                raise Mismatch(name, f"one with such a key ({error})") from None
        return made

    mappings = collections.abc.Mapping
    return (
        lambda values: convert(key.send, value.send, mappings, values),
        lambda values: convert(key.receive, value.receive, dict, values),
    )
