"""Converters: what an annotation says of a value, and how the value travels.

A converter is made once for each annotation. It checks; it changes only what MessagePack has not.
"""

import collections.abc
import dataclasses
import enum
import typing
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Tuple, TypeVar, Union

from . import _containers, _records, _scalars
from ._misfit import Misfit, other, unlike

#: Checks and converts one value, or raises Misfit.
Convert = Callable[[Any], Any]


class Converter(NamedTuple):
    """What is done with the values of one annotation."""

    #: How messages call what is expected.
    name: str
    #: Makes what travels.
    send: Convert
    #: Makes a value of what has arrived.
    receive: Convert


class UnknownType(TypeError):
    """An annotation whose values cannot travel."""


def _as_it_is(value: Any) -> Any:
    return value


#: Whatever MessagePack has.
ANY = Converter("anything", _as_it_is, _as_it_is)

# Of classes with fields: they may refer to themselves, and are kept for the program's life.
_records_made: Dict[Any, Converter] = {}


def optional(held: Converter) -> Converter:
    """The same, or None."""

    def but_for_none(convert: Convert) -> Convert:
        def choose(value: Any) -> Any:
            if value is None:
                return None
            try:
                return convert(value)
            except Misfit as misfit:
                if misfit.path:
                    raise
                raise Misfit(f"{misfit.expected} or None", misfit.given) from None

        return choose

    return Converter(f"{held.name} or None", but_for_none(held.send), but_for_none(held.receive))


def converter(annotation: Any) -> Converter:
    """The converter of an annotation.

    Raises:
        UnknownType: Such values cannot travel.
    """
    if annotation in (Any, object):
        return ANY
    if annotation is None:
        annotation = type(None)
    if annotation in _scalars.CONVERTERS:
        return Converter(*_scalars.CONVERTERS[annotation])
    origin = typing.get_origin(annotation)
    if _is_union(origin):
        return _union(typing.get_args(annotation))
    if origin is getattr(typing, "Literal", None):
        return _literal(typing.get_args(annotation))
    if hasattr(annotation, "__supertype__"):
        return converter(annotation.__supertype__)
    if isinstance(annotation, TypeVar):
        return converter(annotation.__bound__ or Any)
    if hasattr(annotation, "__metadata__"):  # Annotated
        return converter(annotation.__origin__)
    made = _of_class(origin or annotation, typing.get_args(annotation))
    if made is None:
        raise UnknownType(
            f"a value of {annotation_name(annotation)} cannot travel: use a dataclass, an enum, or "
            "one of the types that Callgate's documentation lists"
        )
    return made


def _of_class(kind: Any, arguments: Tuple[Any, ...]) -> Optional[Converter]:
    if not isinstance(kind, type):
        return None
    if issubclass(kind, enum.Enum):
        return Converter(kind.__qualname__, *_scalars.enumeration(kind))
    if dataclasses.is_dataclass(kind):
        return _recursive(kind, _records.dataclass)
    if issubclass(kind, tuple) and hasattr(kind, "_fields"):
        return _recursive(kind, _records.named_tuple)
    if issubclass(kind, dict) and hasattr(kind, "__total__"):
        return _recursive(kind, _records.typed_dict)
    if kind is tuple:
        return _tuple(arguments)
    if kind in (dict, collections.abc.Mapping, collections.abc.MutableMapping):
        key, value = map(converter, arguments or (Any, Any))
        name = f"a dict of {key.name} to {value.name}" if arguments else "a dict"
        return Converter(name, *_containers.mapping(name, key, value))
    if kind in _containers.COLLECTIONS:
        (item,) = map(converter, arguments or (Any,))
        name = f"a {kind.__name__.lower()}" + (f" of {item.name}" if arguments else "")
        return Converter(name, *_containers.collection(name, kind, item))
    return None


def _recursive(kind: Any, fill: Callable[..., Tuple[Convert, Convert]]) -> Converter:
    """A class with fields may have fields of its own kind, which find this one while it is made."""
    known = _records_made.get(kind)
    if known is not None:
        return known
    made: List[Convert] = []
    name = kind.__qualname__
    placed = Converter(name, lambda value: made[0](value), lambda value: made[1](value))
    _records_made[kind] = placed
    try:
        fields = hints(kind)
        made.extend(fill(kind, {field: converter(each) for field, each in fields.items()}))
    except BaseException as error:
        del _records_made[kind]
        if isinstance(error, UnknownType):
            raise UnknownType(f"{name}: {error}") from None
        raise
    complete = _records_made[kind] = Converter(name, *made)
    return complete


def _is_union(origin: Any) -> bool:
    # X | Y is one of its own from Python 3.10 to 3.13.
    return origin is Union or getattr(origin, "__name__", "") == "UnionType"


def _union(members: Tuple[Any, ...]) -> Converter:
    # Last, since a float takes integers too.
    kinds = [kind for kind in members if kind is not type(None)]
    kinds.sort(key=lambda kind: kind is float)
    held = [converter(kind) for kind in kinds]
    name = " or ".join(each.name for each in held)

    def first(converts: List[Convert]) -> Convert:
        def choose(value: Any) -> Any:
            for convert in converts:
                try:
                    return convert(value)
                except Misfit:
                    continue
            raise unlike(name, value)

        return choose

    sends, receives = [each.send for each in held], [each.receive for each in held]
    made = held[0] if len(held) == 1 else Converter(name, first(sends), first(receives))
    return optional(made) if type(None) in members else made


def _literal(values: Tuple[Any, ...]) -> Converter:
    name = " or ".join(map(repr, values))

    def convert(value: Any) -> Any:
        for allowed in values:
            if type(value) is type(allowed) and value == allowed:
                return value
        raise other(name, value)

    return Converter(name, convert, convert)


def _tuple(kinds: Tuple[Any, ...]) -> Converter:
    if not kinds or kinds[-1] is Ellipsis:
        item = converter(kinds[0] if kinds else Any)
        name = f"a tuple of {item.name}" if kinds else "a tuple"
        return Converter(name, *_containers.collection(name, tuple, item))
    items = [converter(kind) for kind in kinds if kind != ()]
    name = f"a tuple of {len(items)}"
    return Converter(name, *_containers.fixed_tuple(name, items, tuple))


def annotation_name(annotation: Any) -> str:
    """How a message calls an annotation."""
    if isinstance(annotation, type):
        return annotation.__qualname__
    return repr(annotation).replace("typing.", "")


def hints(annotated: Any) -> Dict[str, Any]:
    """What the annotations of a function or a class say.

    Raises:
        UnknownType: They name something that is not there.
    """
    try:
        return typing.get_type_hints(annotated)
    except (NameError, TypeError, AttributeError) as error:
        raise UnknownType(
            f"its annotations cannot be understood: {error} (names are looked up in the module "
            f"{annotated.__module__})"
        ) from error
