"""Interfaces as annotated classes: their names, and which classes are rejected."""

import threading
from typing import ClassVar, Protocol

import pytest
from shapes import Point, Served, Shapes

import callgate


def test_names_in_pascal_case(serving):
    @callgate.interface(pascal_case=True)
    class IRobot(Protocol):
        def move_arm(self, by: int) -> int: ...

        @callgate.method("stop")
        def halt(self) -> str: ...

    class Robot:
        def move_arm(self, by):
            return 2 * by

        def halt(self):
            return "halted"

    serving.host({IRobot: Robot})
    client = serving.client()
    assert client.proxy(IRobot).move_arm(2) == 4
    assert client.proxy("IRobot").MoveArm(3) == 6
    assert client.proxy("IRobot").stop() == client.proxy(IRobot).halt() == "halted"


def test_a_derived_interface_has_its_own_name(serving):
    class IMoreShapes(Shapes, Protocol):
        def More(self) -> int: ...

    class More(Served):
        def More(self):
            return 1

    serving.host({IMoreShapes: More()})
    more = serving.client().proxy(IMoreShapes)
    assert (more.More(), more.Mirror(Point(1, 2)), more.Name()) == (1, Point(2, 1), "shapes")
    assert "IMoreShapes" in repr(more)


class _Property:
    @property
    def Speed(self) -> int: ...


class _Static:
    @staticmethod
    def Make() -> int: ...


class _Unknown:
    def Take(self, lock: threading.Thread) -> None: ...


class _Missing:
    def Take(self, it: "Nowhere") -> None: ...  # noqa: F821


class _Any:
    def Take(self, *them: int) -> None: ...


class _Empty:
    speed: int = 0


class _AsyncOneWay:
    @callgate.one_way
    async def Note(self) -> None: ...


class _Data(Protocol):
    speed: int

    def Add(self) -> None: ...


class _Constant:
    VERSION: ClassVar[int] = 3
    unit = "m"

    def Add(self) -> int: ...


class _Twice:
    def Add(self) -> None: ...

    @callgate.method("Add")
    def AddAgain(self) -> None: ...


@pytest.mark.parametrize(
    ("cls", "words"),
    [
        (_Property, "_Property.Speed is a property"),
        (_Static, "_Static.Make is a staticmethod"),
        (_Unknown, "_Unknown.Take: lock: a value of Thread cannot be sent"),
        (_Missing, "_Missing.Take: its annotations cannot be resolved: .*Nowhere"),
        (_Any, r"_Any.Take: \*them: int cannot be passed by position"),
        (_Empty, "_Empty.speed is a data member"),
        (_Data, "_Data.speed is a data member: an interface has only methods"),
        (_AsyncOneWay, "_AsyncOneWay.Note: a one-way method has no result"),
        (_Twice, "_Twice has two methods named Add"),
    ],
)
def test_what_cannot_be_an_interface_is_refused(serving, cls, words):
    client = serving.client()
    with pytest.raises(callgate.InvalidArgument, match=words):
        client.proxy(cls)
    with pytest.raises(callgate.InvalidArgument, match=words):
        callgate.interface("Named")(cls)


def test_an_interface_may_have_constants(serving):
    serving.host({_Constant: {"Add": lambda: 1}})
    proxy = serving.client().proxy(_Constant)
    assert (proxy.VERSION, proxy.unit, proxy.Add()) == (3, "m", 1)
