"""The conversion of values for each annotation, when they are sent and when they are received."""

import array
import collections.abc
import enum
import sys
from collections import deque
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from pathlib import Path, PurePosixPath
from typing import (
    Any,
    Deque,
    Dict,
    FrozenSet,
    Generic,
    Iterable,
    List,
    Literal,
    Mapping,
    NamedTuple,
    NewType,
    Optional,
    Sequence,
    Set,
    Tuple,
    TypedDict,
    TypeVar,
    Union,
)
from uuid import UUID

import msgpack
import pytest

import callgate
from callgate._contracts.conversion import UnknownType, converter
from callgate._contracts.mismatch import Mismatch

K = TypeVar("K")
V = TypeVar("V")


class Colour(enum.Enum):
    RED = 1
    GREEN = "green"


class Level(enum.IntEnum):
    LOW = 1


class Pair(NamedTuple):
    key: str
    number: int = 0


class Options(TypedDict, total=False):
    speed: int


@dataclass
class Item:
    name: str
    price: Optional[Decimal] = None
    tags: List[str] = field(default_factory=list)
    length: int = field(default=0, init=False)


@dataclass(frozen=True)
class Even:
    number: int

    def __post_init__(self):
        if self.number % 2:
            raise ValueError("it is odd")


@dataclass
class Fussy:
    number: int

    def __post_init__(self):
        raise LookupError("not today")


class Point(enum.Enum):
    ORIGIN = (0, 0)
    UNIT = (1, (1, "x"))


class Access(enum.Flag):
    READ = 1
    WRITE = 2


class Strange(enum.Enum):
    THREAD = object()


@dataclass
class Page(Generic[V]):
    items: List[V]
    first: Optional[V] = None


@dataclass
class Named(Page[K], Generic[K, V]):
    names: Dict[str, V] = field(default_factory=dict)


@dataclass
class Numbers(Page[int]):
    pass


@dataclass
class Chain(Generic[V]):
    value: V
    next: "Optional[Chain[V]]" = None


UserId = NewType("UserId", int)
T = TypeVar("T")
NOW = datetime(2024, 5, 6, 7, 8, 9, tzinfo=timezone.utc)
ID = UUID("12345678-1234-5678-1234-567812345678")


def sent(annotation, value):
    """What the peer receives without annotations."""
    packed = msgpack.packb(converter(annotation).send(value), datetime=True)
    return msgpack.unpackb(packed, timestamp=3, strict_map_key=False)


@pytest.mark.parametrize(
    ("annotation", "value", "wire"),
    [
        (Any, [1, "a"], [1, "a"]),
        (None, None, None),
        (bool, True, True),
        (int, -(1 << 63), -(1 << 63)),
        (int, (1 << 64) - 1, (1 << 64) - 1),
        (int, Level.LOW, 1),
        (float, 1.5, 1.5),
        (float, 1 << 53, float(1 << 53)),
        (str, "a", "a"),
        (bytes, bytearray(b"a"), b"a"),
        (bytes, memoryview(b"a"), b"a"),
        (datetime, NOW, NOW),
        (timedelta, timedelta(seconds=1), 10_000_000),
        (Decimal, Decimal("1.50"), "1.50"),
        (UUID, ID, str(ID)),
        (Colour, Colour.RED, 1),
        (Colour, Colour.GREEN, "green"),
        (Point, Point.UNIT, [1, [1, "x"]]),
        (Page[UUID], Page([ID], ID), {"items": [str(ID)], "first": str(ID)}),
        (Page, Page([1, "a"]), {"items": [1, "a"], "first": None}),
        (
            Named[UUID, Colour],
            Named([ID], names={"a": Colour.RED}),
            {"items": [str(ID)], "first": None, "names": {"a": 1}},
        ),
        (
            Chain[Colour],
            Chain(Colour.RED, Chain(Colour.GREEN)),
            {"value": 1, "next": {"value": "green", "next": None}},
        ),
        (Item, Item("a", Decimal(2)), {"name": "a", "price": "2", "tags": []}),
        (Pair, Pair("a"), ["a", 0]),
        (Options, {"speed": 1}, {"speed": 1}),
        (list, (1, "a"), [1, "a"]),
        (List[int], (1, 2), [1, 2]),
        (Sequence[Colour], [Colour.RED], [1]),
        (Iterable[int], (n for n in range(2)), [0, 1]),
        (Set[int], {1}, [1]),
        (Tuple[int, str], (1, "a"), [1, "a"]),
        (Tuple[int, ...], (1, 2), [1, 2]),
        (tuple, (1, "a"), [1, "a"]),
        (Dict[str, Item], {"k": Item("a")}, {"k": {"name": "a", "price": None, "tags": []}}),
        (Mapping[int, float], {1: 2}, {1: 2.0}),
        (dict, {1: 2}, {1: 2}),
        (Optional[int], None, None),
        (Optional[int], 1, 1),
        (Union[float, int, str], 1, 1),
        (Union[Item, Colour], Colour.RED, 1),
        (Literal["a", 1], 1, 1),
        (UserId, 1, 1),
        (T, "a", "a"),
    ],
)
def test_values_are_sent(annotation, value, wire):
    arrived = sent(annotation, value)
    assert arrived == wire and type(arrived) is type(wire)


@pytest.mark.parametrize(
    ("annotation", "value", "words"),
    [
        (bool, 1, "x must be bool, not int"),
        (int, 1.0, "x must be int, not float"),
        (int, "1", "x must be int, not str"),
        (int, 1 << 64, "x must be an int of 64 bits (-2**63 to 2**64-1), not one of 65 bits"),
        (int, -1 << 64, "x must be an int of 64 bits (-2**63 to 2**64-1), not one of 66 bits"),
        (int, ~(1 << 63), "x must be an int of 64 bits (-2**63 to 2**64-1), not one of 65 bits"),
        (float, "1", "x must be float, not str"),
        (float, (1 << 53) + 1, "x must be float, not 9007199254740993"),
        (float, 1 << 5000, "x must be float"),
        (str, b"a", "x must be str, not bytes"),
        (bytes, "a", "x must be bytes, not str"),
        (None, 1, "x must be None, not int"),
        (datetime, datetime(2024, 1, 1), "x must be datetime with a time zone, not one without"),
        (timedelta, 1, "x must be timedelta, not int"),
        (Colour, 1, "x must be Colour, not int"),
        (Item, {"name": "a"}, "x must be Item, not dict"),
        (Item, Item(1), "x.name must be str, not int"),
        (Item, Item("a", tags=[1]), "x.tags[0] must be str, not int"),
        (List[int], "12", "x must be a list of int, not str"),
        (Iterable[str], "12", "x must be a iterable of str, not str"),
        (List[List[int]], [[1], [2, None]], "x[1][1] must be int, not None"),
        (Tuple[int, str], (1,), "x must be a tuple of 2, not of 1"),
        (Tuple[int, str], (1, 2), "x[1] must be str, not int"),
        (Dict[str, int], {1: 1}, "x's key must be str, not int"),
        (Dict[str, int], {"a": "b"}, "x['a'] must be int, not str"),
        (Optional[int], "a", "x must be int or None, not str"),
        (Union[int, str], None, "x must be int or str, not None"),
        (Literal["a", "b"], "c", "x must be 'a' or 'b', not 'c'"),
        (Options, {"speed": 1, "colour": 2}, "x must be Options, not one with 'colour'"),
    ],
)
def test_what_does_not_fit_is_reported(annotation, value, words):
    with pytest.raises(Mismatch) as caught:
        converter(annotation).send(value)
    assert caught.value.words("x").startswith(words)


@pytest.mark.parametrize(
    ("annotation", "wire", "value"),
    [
        (Any, [1], [1]),
        (float, 1, 1.0),
        (bytearray, b"a", bytearray(b"a")),
        (timedelta, 15, timedelta(microseconds=1)),
        (Decimal, "1.50", Decimal("1.50")),
        (UUID, str(ID), ID),
        (Colour, "green", Colour.GREEN),
        (Level, 1, Level.LOW),
        (Point, [0, 0], Point.ORIGIN),
        (Point, [1, [1, "x"]], Point.UNIT),
        (Access, 3, Access.READ | Access.WRITE),
        (Page[Colour], {"items": [1]}, Page([Colour.RED])),
        (Numbers, {"items": [1]}, Numbers([1])),
        (Chain[Colour], {"value": 1, "next": {"value": 1}}, Chain(Colour.RED, Chain(Colour.RED))),
        (Item, {"name": "a", "more": 1}, Item("a")),
        (Pair, ["a", 1], Pair("a", 1)),
        (Options, {"speed": 1}, {"speed": 1}),
        (Sequence[int], [1], [1]),
        (Set[int], [1, 1], {1}),
        (FrozenSet[str], ["a"], frozenset("a")),
        (Tuple[int, Colour], [1, 1], (1, Colour.RED)),
        (Tuple[int, ...], [1, 2], (1, 2)),
        (Dict[int, Colour], {1: 1}, {1: Colour.RED}),
        (Union[int, float], 1, 1),
        (Union[Item, Pair], ["a", 1], Pair("a", 1)),
        (Even, {"number": 2}, Even(2)),
    ],
)
def test_values_are_received(annotation, wire, value):
    made = converter(annotation).receive(wire)
    assert made == value and type(made) is type(value)


@pytest.mark.parametrize(
    ("annotation", "wire", "words"),
    [
        (int, True, "x must be int, not bool"),
        (int, 1.0, "x must be int, not float"),
        (Colour, 7, "x must be a value of Colour, not 7"),
        (Level, True, "x must be a value of Level, not True"),
        (Page[int], {"items": ["a"]}, "x.items[0] must be int, not str"),
        (Numbers, {"items": ["a"]}, "x.items[0] must be int, not str"),
        (Chain[int], {"value": 1, "next": {"value": "a"}}, "x.next.value must be int, not str"),
        (Colour, [1], "x must be a value of Colour, not [1]"),
        (Decimal, "much", "x must be Decimal, not 'much'"),
        (UUID, 1, "x must be a str, for a UUID, not int"),
        (timedelta, 1.0, "x must be an int of 100 ns, for a timedelta, not float"),
        (Item, {"price": None}, "x must be Item, not a map without 'name'"),
        (Item, ["a"], "x must be Item, not list"),
        (Item, {"name": "a", "tags": "b"}, "x.tags must be a list of str, not str"),
        (Even, {"number": 1}, "x must be Even, not one that its constructor rejects (it is odd)"),
        (Fussy, {"number": 1}, "x must be Fussy, not one that its constructor rejects (not today)"),
        (Tuple[int, int], [1, 2, 3], "x must be a tuple of 2, not of 3"),
        (List[Colour], [1, 7], "x[1] must be a value of Colour, not 7"),
        (set, [[1]], "x must be a set, not one with an item that it cannot contain"),
        (Union[int, str], 1.5, "x must be int or str, not float"),
    ],
)
def test_what_arrives_and_does_not_fit_is_reported(annotation, wire, words):
    with pytest.raises(Mismatch) as caught:
        converter(annotation).receive(wire)
    assert caught.value.words("x").startswith(words)


if sys.version_info >= (3, 10):

    def test_annotations_of_newer_pythons():
        assert converter(list[int] | None).send([1]) == [1]
        assert converter(dict[str, tuple[int, ...]]).receive({"a": [1]}) == {"a": (1,)}
        assert converter(collections.abc.Sequence[int]).receive([1]) == [1]


@pytest.mark.parametrize(
    "annotation", [object(), complex, List[complex], Union[int, complex], Strange, Page[complex]]
)
def test_types_that_cannot_travel_are_refused(annotation):
    with pytest.raises(UnknownType, match="cannot be sent"):
        converter(annotation)


@pytest.mark.parametrize(
    ("annotation", "value", "wire"),
    [
        (date, date(2024, 5, 6), "2024-05-06"),
        (time, time(7, 8, 9, 10), "07:08:09.000010"),
        (Path, Path("/a/b"), "/a/b"),
        (PurePosixPath, PurePosixPath("a"), "a"),
        (Deque[int], deque([1, 2]), [1, 2]),
        (Optional[date], None, None),
        (memoryview, memoryview(b"abc"), b"abc"),
    ],
)
def test_more_types_travel_both_ways(annotation, value, wire):
    assert sent(annotation, value) == wire
    made = converter(annotation).receive(wire)
    assert made == value and type(made) is type(value)


def test_a_datetime_is_no_date():
    with pytest.raises(Mismatch):
        converter(date).send(NOW)
    with pytest.raises(Mismatch) as caught:
        converter(date).receive("yesterday")
    assert caught.value.words("x") == "x must be date, not 'yesterday'"


def test_whatever_has_a_buffer_is_sent_as_bytes():
    for value in (b"\x01\x02", bytearray(b"\x01\x02"), array.array("B", [1, 2])):
        assert sent(memoryview, value) == b"\x01\x02"
    grid = memoryview(array.array("H", [1, 2, 3, 4])).cast("B").cast("H", (2, 2))
    assert sent(memoryview, grid) == grid.tobytes()
    with pytest.raises(Mismatch) as caught:
        converter(memoryview).send("text")
    assert caught.value.words("x") == "x must be a buffer, not str"
    with pytest.raises(Mismatch, match="contiguous"):
        converter(memoryview).send(memoryview(b"abcd")[::2])


def test_a_buffer_arrives_without_a_copy():
    arrived = b"abc"
    assert converter(memoryview).receive(arrived).obj is arrived


def test_the_programs_own_types_travel_as_it_says():
    callgate.add_conversion(Fraction, str, str, Fraction)
    assert sent(Dict[str, Fraction], {"a": Fraction(1, 2)}) == {"a": "1/2"}
    made = converter(List[Fraction])
    assert made.receive(["1/2"]) == [Fraction(1, 2)]
    for wrong, words in [
        (["half"], "x[0] must be Fraction, not 'half' (Invalid literal for Fraction: 'half')"),
        ([1], "x[0] must be str, not int"),
    ]:
        with pytest.raises(Mismatch) as caught:
            made.receive(wrong)
        assert caught.value.words("x") == words
    with pytest.raises(Mismatch):
        made.send([0.5])
    with pytest.raises(UnknownType, match="Fraction and str are both sent as a string"):
        converter(Union[Fraction, str])
    with pytest.raises(callgate.InvalidArgument, match="a class"):
        callgate.add_conversion("Fraction", str, str, str)
