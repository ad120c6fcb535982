"""Unions: how received values are assigned to members, and which unions are ambiguous."""

import enum
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import (
    Any,
    Dict,
    List,
    Literal,
    NamedTuple,
    Optional,
    Protocol,
    Sequence,
    Set,
    Tuple,
    TypedDict,
    Union,
)
from uuid import UUID

import msgpack
import pytest

import callgate
from callgate._contracts.conversion import UnknownType, converter
from callgate._contracts.mismatch import Mismatch


@dataclass
class Cat:
    name: str


@dataclass
class Dog:
    name: str


class Pair(NamedTuple):
    one: int
    two: int


class Options(TypedDict):
    speed: int


class Number(enum.Enum):
    ONE = 1


class Word(enum.Enum):
    YES = "yes"


@dataclass
class Circle:
    radius: float
    kind: Literal["circle"] = "circle"


@dataclass
class Square:
    side: float
    kind: Literal["square", "rectangle"] = "square"


@dataclass
class Group:
    members: List["Shape"]
    kind: Literal["group"] = "group"


class Line(TypedDict):
    kind: Literal["line"]
    length: float


Shape = Union[Circle, Square, Group, Line]


@dataclass
class Kitten(Cat):
    age: int = 0


@pytest.mark.parametrize(
    ("annotation", "words"),
    [
        (Union[Cat, Dog], "Cat and Dog are both sent as a map"),
        (Union[Cat, Kitten], "Cat and Kitten are both sent as a map"),
        (Union[Cat, Dict[str, int]], "Cat and a dict of str to int are both sent as a map"),
        (Union[Cat, Options], "are both sent as a map"),
        (Union[UUID, str], "UUID and str are both sent as a string"),
        (Union[str, UUID], "are both sent as a string"),
        (Union[UUID, Decimal], "are both sent as a string"),
        (Union[Word, str], "are both sent as a string"),
        (Union[Number, int], "are both sent as an integer"),
        (Union[timedelta, int], "are both sent as an integer"),
        (Union[bytes, bytearray], "both sent as binary"),
        (Union[List[int], List[str]], "are both sent as an array"),
        (Union[List[int], Set[int]], "are both sent as an array"),
        (Union[Tuple[int, int], Pair], "are both sent as an array"),
        (Union[Any, Cat], "are both sent as a map"),
        (Optional[Union[Cat, Dog]], "are both sent as a map"),
        (List[Union[Cat, Dog]], "are both sent as a map"),
        (Union[Circle, Cat], "are both sent as a map"),
    ],
)
def test_members_that_nothing_tells_apart_are_refused(annotation, words):
    with pytest.raises(UnknownType, match=words):
        converter(annotation)


def test_the_refusal_names_the_member_and_what_to_do(serving):
    @dataclass
    class Owner:
        pet: Union[Cat, Dog]

    class IPets(Protocol):
        def Keep(self, owner: Owner) -> None: ...

    class INames(Protocol):
        def Find(self, key: Union[UUID, str]) -> None: ...

    class IFinds(Protocol):
        def Find(self) -> Union[UUID, str]: ...

    client = serving.client()
    for interface, words in [
        (IPets, r"IPets.Keep: owner: .*Owner.pet: Cat and Dog are both sent as a map.*Literal"),
        (INames, r"INames.Find: key: UUID and str are both sent as a string"),
        (IFinds, r"IFinds.Find: the result: UUID and str are both sent as a string"),
    ]:
        with pytest.raises(callgate.InvalidArgument, match=words):
            client.proxy(interface)


@pytest.mark.parametrize(
    ("annotation", "value"),
    [
        (Union[int, str], 1),
        (Union[int, str], "1"),
        (Union[float, int], 1),
        (Union[float, int], 1.0),
        (Union[int, bool], True),
        (Union[Cat, str], Cat("Tom")),
        (Union[Cat, Pair, UUID, Number, float], Cat("Tom")),
        (Union[Cat, Pair, UUID, Number, float], Pair(1, 2)),
        (Union[Cat, Pair, UUID, Number, float], UUID(int=7)),
        (Union[Cat, Pair, UUID, Number, float], Number.ONE),
        (Union[Cat, Pair, UUID, Number, float], 1.0),
        (Union[datetime, str], datetime(2024, 5, 6, tzinfo=timezone.utc)),
        (Union[Literal["auto"], str], "auto"),
        (Union[Literal["auto"], str], "other"),
        (Union[Literal["auto"], int], 5),
        (Union[Any, str], "a"),
        (Optional[Union[Cat, Sequence[int]]], None),
        (Optional[Union[Cat, Sequence[int]]], [1]),
        (Shape, Circle(1.5)),
        (Shape, Square(1.5, "rectangle")),
        (Shape, {"kind": "line", "length": 2.0}),
        (Shape, Group([Circle(1.0), Group([Square(2.0)])])),
    ],
)
def test_each_member_arrives_as_what_it_was(annotation, value):
    made = converter(annotation)
    packed = msgpack.packb(made.send(value), datetime=True)
    arrived = made.receive(msgpack.unpackb(packed, timestamp=3, strict_map_key=False))
    assert arrived == value and type(arrived) is type(value)


def test_floats_may_arrive_as_integers():
    assert converter(Union[float, str]).receive(1) == 1.0


def test_what_does_not_fit_the_only_member_of_its_kind_is_reported_in_full():
    made = converter(Union[Cat, int])
    with pytest.raises(Mismatch) as caught:
        made.receive({"name": 5})
    assert caught.value.words("x") == "x.name must be str, not int"
    with pytest.raises(Mismatch) as caught:
        made.send(Cat(5))
    assert caught.value.words("x") == "x.name must be str, not int"
    with pytest.raises(Mismatch) as caught:
        made.receive("Tom")
    assert caught.value.words("x") == "x must be Cat or int, not str"


def test_a_tag_that_none_has_is_reported():
    with pytest.raises(Mismatch) as caught:
        converter(Shape).receive({"kind": "cube"})
    words = caught.value.words("x")
    assert words.startswith(
        "x must be Circle or Square or Group or Line, not one with the kind 'cu"
    )
    with pytest.raises(Mismatch, match="without 'kind'"):
        converter(Shape).receive({"radius": 1.0})
