"""Creates the converter of an annotation: how its values are checked and converted.

Values that MessagePack can represent are only checked.
"""

import collections.abc
import dataclasses
import enum
import typing
from typing import Any, Callable, Dict, FrozenSet, List, Optional, Tuple, TypeVar, Union

from . import containers, records, scalars
from .converter import ANY, KINDS, Convert, Converter, UnknownType
from .generics import field_annotations
from .mismatch import other
from .unions import optional, union

_ARRAY, _MAP = frozenset([KINDS[list]]), frozenset([KINDS[dict]])

#: The converters of classes for which the program has called add_conversion().
own: Dict[Any, Converter] = {}

# The converters of classes with fields, which may refer to themselves. Kept for the program's life.
_records_made: Dict[Any, Converter] = {}


def converter(annotation: Any) -> Converter:
    """The converter of an annotation.

    Raises:
        UnknownType: Its values cannot be sent.
    """
    if annotation in (Any, object):
        return ANY
    if annotation is None:
        annotation = type(None)
    if annotation in own:
        return own[annotation]
    if annotation in scalars.CONVERTERS:
        return scalars.CONVERTERS[annotation]
    origin = typing.get_origin(annotation)
    if is_union(origin):
        return _union(typing.get_args(annotation))
    if is_literal(annotation):
        return _literal(typing.get_args(annotation))
    if hasattr(annotation, "__supertype__"):
        return converter(annotation.__supertype__)
    if isinstance(annotation, TypeVar):
        return converter(annotation.__bound__ or Any)
    if hasattr(annotation, "__metadata__"):  # Annotated
        return converter(annotation.__origin__)
    made = _of_class(annotation, origin or annotation, typing.get_args(annotation))
    if made is None:
        raise UnknownType(
            f"a value of {annotation_name(annotation)} cannot be sent: use a dataclass, an enum, a "
            "type listed in docs/values.md, or callgate.add_conversion()"
        )
    return made


def _of_class(annotation: Any, kind: Any, arguments: Tuple[Any, ...]) -> Optional[Converter]:
    if not isinstance(kind, type):
        return None
    if issubclass(kind, enum.Enum):
        return scalars.enumeration(kind)
    if dataclasses.is_dataclass(kind):
        return _recursive(annotation, records.dataclass, _MAP)
    if issubclass(kind, tuple) and hasattr(kind, "_fields"):
        return _recursive(annotation, records.named_tuple, _ARRAY)
    if issubclass(kind, dict) and hasattr(kind, "__total__"):
        return _recursive(annotation, records.typed_dict, _MAP)
    if kind is tuple:
        return _tuple(arguments)
    if kind in (dict, collections.abc.Mapping, collections.abc.MutableMapping):
        key, value = map(converter, arguments or (Any, Any))
        name = f"a dict of {key.name} to {value.name}" if arguments else "a dict"
        return Converter(name, *containers.mapping(name, key, value), _MAP)
    if kind in containers.COLLECTIONS:
        (item,) = map(converter, arguments or (Any,))
        name = f"a {kind.__name__.lower()}" + (f" of {item.name}" if arguments else "")
        return Converter(name, *containers.collection(name, kind, item), _ARRAY, of=kind)
    return None


def _recursive(
    annotation: Any, fill: Callable[..., Tuple[Convert, Convert]], kinds: FrozenSet[str]
) -> Converter:
    """The converter of a class whose fields may have the class itself as their type."""
    known = _records_made.get(annotation)
    if known is not None:
        return known
    made: List[Convert] = []
    kind = typing.get_origin(annotation) or annotation
    name = kind.__qualname__
    placed = Converter(
        name,
        lambda value: made[0](value),
        lambda value: made[1](value),
        kinds,
        of=kind,
        tags=lambda: _literal_fields(kind),
    )
    _records_made[annotation] = placed
    try:
        annotations = field_annotations(annotation, hints(kind))
        made.extend(fill(kind, _fields(name, annotations)))
    except BaseException:
        del _records_made[annotation]
        raise
    send, receive = made
    complete = _records_made[annotation] = placed._replace(send=send, receive=receive)
    return complete


def _fields(name: str, annotations: Dict[str, Any]) -> Dict[str, Converter]:
    made = {}
    for field, annotation in annotations.items():
        try:
            made[field] = converter(annotation)
        except UnknownType as error:
            raise UnknownType(f"{name}.{field}: {error}") from None
    return made


def _literal_fields(kind: Any) -> Dict[str, Tuple[Any, ...]]:
    """The allowed values of those fields of a class that are annotated with a Literal."""
    fields = hints(kind).items()
    return {name: typing.get_args(each) for name, each in fields if is_literal(each)}


def is_literal(annotation: Any) -> bool:
    """Whether an annotation is a Literal."""
    return typing.get_origin(annotation) is typing.Literal


def is_union(origin: Any) -> bool:
    """Whether an annotation of this origin is a union."""
    # X | Y has an origin of its own in Python 3.10 to 3.13.
    return origin is Union or getattr(origin, "__name__", "") == "UnionType"


def _union(members: Tuple[Any, ...]) -> Converter:
    made = union([converter(kind) for kind in members if kind is not type(None)])
    return optional(made) if type(None) in members else made


def _literal(values: Tuple[Any, ...]) -> Converter:
    name = " or ".join(map(repr, values))

    def convert(value: Any) -> Any:
        for allowed in values:
            if type(value) is type(allowed) and value == allowed:
                return value
        raise other(name, value)

    unknown = [value for value in values if type(value) not in KINDS]
    if unknown:
        raise UnknownType(f"the Literal {unknown[0]!r} cannot be sent: use its type instead")
    kinds = frozenset(KINDS[type(value)] for value in values)
    return Converter(name, convert, convert, kinds, is_plain=True)


def _tuple(kinds: Tuple[Any, ...]) -> Converter:
    if not kinds or kinds[-1] is Ellipsis:
        item = converter(kinds[0] if kinds else Any)
        name = f"a tuple of {item.name}" if kinds else "a tuple"
        return Converter(name, *containers.collection(name, tuple, item), _ARRAY, of=tuple)
    items = [converter(kind) for kind in kinds if kind != ()]
    name = f"a tuple of {len(items)}"
    return Converter(name, *containers.fixed_tuple(name, items, tuple), _ARRAY, of=tuple)


def annotation_name(annotation: Any) -> str:
    """The name of an annotation in messages."""
    if isinstance(annotation, type):
        return annotation.__qualname__
    return repr(annotation).replace("typing.", "")


def hints(annotated: Any) -> Dict[str, Any]:
    """The annotations of a function or a class, resolved.

    Raises:
        UnknownType: An annotation contains a name that cannot be found.
    """
    try:
        return typing.get_type_hints(annotated)
    except (NameError, TypeError, AttributeError) as error:
        raise UnknownType(
            f"its annotations cannot be resolved: {error} (names are looked up in the module "
            f"{annotated.__module__})"
        ) from error
