"""Interfaces as annotated classes: typed proxies, and objects that are served by them."""

import asyncio
import threading
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import ClassVar, List, Optional, Protocol, runtime_checkable

import pytest

import callgate
from callgate import ContractMismatch, Execution


@dataclass
class Point:
    x: int
    y: int = 0


class Named(Protocol):
    def Name(self) -> str: ...


@callgate.interface("Test.IShapes")
@runtime_checkable
class Shapes(Named, Protocol):
    def Mirror(self, point: Point) -> Point: ...

    def Sum(self, points: List[Point], scale: int = 1) -> Point: ...

    def Wrong(self, what: str) -> int: ...

    @callgate.one_way
    def Note(self, line: str) -> None: ...

    @callgate.method("Later")
    async def count(self, names: List[str], extra: Optional[int] = None) -> int: ...


class Served:
    def __init__(self):
        self.lines = []
        self.noted = threading.Event()

    def Name(self):
        return "shapes"

    def Mirror(self, point):
        return Point(point.y, point.x)

    def Sum(self, points, scale=1):
        return Point(scale * sum(p.x for p in points), scale * sum(p.y for p in points))

    def Wrong(self, what):
        return {"text": "text", "none": None, "large": 1 << 64}[what]

    def Note(self, line):
        self.lines.append(line)
        self.noted.set()

    async def count(self, names, extra=None):
        await asyncio.sleep(0)
        return len(names) + (extra or 0)

    def Beyond(self):
        return "not part of the interface"


@pytest.fixture
def served(serving):
    served = Served()
    serving.host({Shapes: served})
    return served


@pytest.fixture
def shapes(served, serving):
    return serving.client().proxy(Shapes)


@pytest.fixture
def raw(served, serving):
    return serving.client().proxy("Test.IShapes")


def test_arguments_and_results_are_converted(shapes):
    assert shapes.Mirror(Point(1, 2)) == Point(2, 1)
    assert shapes.Sum([Point(1), Point(2, 3)]) == Point(3, 3)
    assert shapes.Sum(scale=2, points=[Point(1, 1)]) == Point(2, 2)
    assert shapes.Name() == "shapes", "an inherited method"


def test_a_proxy_is_of_the_interfaces_class(shapes):
    assert isinstance(shapes, Shapes)
    assert "Test.IShapes" in repr(shapes)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda it: it.Mirror("one"), "Test.IShapes.Mirror: point must be Point, not str"),
        (lambda it: it.Mirror(Point("a")), "point.x must be int, not str"),
        (lambda it: it.Sum([Point(1), None]), r"points\[1\] must be Point, not None"),
        (lambda it: it.Sum([], True), "scale must be int, not bool"),
        (lambda it: it.Sum([], 1 << 64), "scale must be an int of 64 bits .*, not one of 65 bits"),
        (lambda it: it.Mirror(), "missing a required argument: 'point'"),
        (lambda it: it.Mirror(Point(1), 2), "too many positional arguments"),
        (lambda it: it.Mirror(points=1), "argument"),
        (lambda it: it.Note(1), "line must be str, not int"),
        (lambda it: it.Mirror.start(1), "point must be Point, not int"),
    ],
)
def test_arguments_that_do_not_fit_are_refused_before_anything_is_sent(serving, call, words):
    # There is no host: whatever was sent would wait for one.
    proxy = serving.client().proxy(Shapes)
    with pytest.raises(ContractMismatch, match=words) as caught:
        call(proxy)
    assert caught.value.execution == Execution.NOT_RUN


def test_a_method_that_the_interface_lacks_is_no_attribute(shapes, raw):
    with pytest.raises(AttributeError):
        shapes.Beyond  # noqa: B018
    with pytest.raises(ContractMismatch, match="Beyond"):
        raw.Beyond()


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ("text", "must be int, not str"),
        ("none", "must be int, not None"),
        ("large", "must be an int of 64 bits"),
    ],
)
def test_a_result_that_does_not_fit_is_refused_by_the_host(raw, what, words):
    words = f"the result of Test.IShapes.Wrong {words}"
    with pytest.raises(ContractMismatch, match=words) as caught:
        raw.Wrong(what)
    assert caught.value.execution == Execution.RAN


def test_a_result_that_does_not_fit_is_refused_by_the_client(serving):
    serving.host({"Test.IShapes": Served()})
    shapes = serving.client().proxy(Shapes)
    for call in (shapes.Wrong, lambda what: shapes.Wrong.start(what).result(60)):
        with pytest.raises(ContractMismatch) as caught:
            call("text")
        assert caught.value.message == "the result of Test.IShapes.Wrong must be int, not str"
        assert caught.value.execution == Execution.RAN


def test_arguments_that_do_not_fit_are_refused_by_the_host(raw):
    for arguments, words in [
        (["one"], "Test.IShapes.Mirror: point must be Point, not str"),
        ([{"x": 1.5}], "Test.IShapes.Mirror: point.x must be int, not float"),
        ([{"y": 1}], "Test.IShapes.Mirror: point must be Point, not a map without 'x'"),
        ([], "Test.IShapes.Mirror takes 1 argument, not 0"),
    ]:
        with pytest.raises(ContractMismatch) as caught:
            raw.Mirror(*arguments)
        assert caught.value.message == words
        assert caught.value.execution == Execution.NOT_RUN
    assert raw.Sum([{"x": 1, "y": 2, "z": 3}]) == {"x": 1, "y": 2}, "defaults, and unknown fields"


def test_one_way_methods_return_at_once(served, shapes):
    assert shapes.Note("a line") is None
    assert served.noted.wait(60)
    assert served.lines == ["a line"]


def test_async_methods_are_awaited(shapes):
    async def main():
        first = shapes.count(["a"], extra=2)
        return await asyncio.gather(first, shapes.count(["a", "b"]), shapes.Name.aio())

    assert asyncio.run(main()) == [3, 2, "shapes"]


def test_calls_with_options(serving, shapes):
    answered = threading.Event()

    class Waiting:
        def Wait(self):
            answered.wait(60)

        def Text(self):
            return dict(callgate.current_call().metadata)

    class IWaiting(Protocol):
        def Wait(self) -> None: ...

        def Text(self) -> dict: ...

    with callgate.Host(serving.endpoint + "-waiting") as host:
        host.add(IWaiting, Waiting())
        host.start()
        client = serving.client(host.endpoints[0])
        for proxy in (client.proxy(IWaiting), client.proxy("IWaiting")):
            with pytest.raises(callgate.TimedOut):
                callgate.with_options(proxy, timeout=0.05).Wait()
            answered.set()
            assert proxy.Wait() is None
            answered.clear()
            hurried = callgate.with_options(proxy, metadata={"who": "me"})
            assert hurried.Text() == {"who": "me"}
            assert proxy.Text() == {}
        answered.set()


def test_proxies_of_callbacks_are_typed(serving):
    class IProgress(ABC):
        @abstractmethod
        def Report(self, at: Point) -> Point: ...

    class IWork(Protocol):
        def Work(self, steps: int) -> List[Point]: ...

    class Worker:
        def __init__(self, progress, connection):
            self.progress, self.connection = progress, connection

        def Work(self, steps):
            other = self.connection.proxy(IProgress)
            return [self.progress.Report(Point(n)) for n in range(steps)] + [other.Report(Point(9))]

    class Progress:
        def Report(self, at):
            return Point(at.x, at.x)

    host = serving.host(start=False)
    host.add_duplex(IWork, IProgress, Worker)
    host.start()
    client = serving.client(callbacks={IProgress: Progress()})
    assert client.proxy(IWork).Work(2) == [Point(0, 0), Point(1, 1), Point(9, 9)]


def test_an_initialisation_routine_is_given_a_typed_proxy(serving, served):
    names = []
    shapes = serving.client().proxy(Shapes, lambda proxy: names.append(proxy.Mirror(Point(1))))
    assert shapes.Name() == "shapes"
    assert names == [Point(0, 1)]


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


def test_functions_are_served(serving):
    class IMath(Protocol):
        def Add(self, a: int, b: int) -> int: ...

    host = serving.host({"IFunctions": {"Add": lambda a, b: a + b, "_x": len}}, start=False)
    host.add(IMath, {"Add": lambda a, b: a + b})
    host.start()
    client = serving.client()
    assert client.proxy("IFunctions").Add("a", "b") == "ab"
    assert client.proxy(IMath).Add(1, 2) == 3
    with pytest.raises(ContractMismatch, match="keys"):
        client.proxy("IFunctions").keys()


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
        (_Unknown, "_Unknown.Take: lock: a value of Thread cannot travel"),
        (_Missing, "_Missing.Take: its annotations cannot be understood: .*Nowhere"),
        (_Any, r"_Any.Take: \*them: int cannot be given by its place"),
        (_Empty, "_Empty.speed is a data member"),
        (_Data, "_Data.speed is a data member: an interface has methods alone"),
        (_AsyncOneWay, "_AsyncOneWay.Note: it is one-way"),
        (_Twice, "_Twice has two methods that are called Add"),
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


def test_an_object_that_lacks_a_method_is_refused(serving):
    host = serving.host(start=False)
    for lacking in ([], list, {"Add": 1}):
        with pytest.raises(callgate.InvalidArgument, match="cannot serve Test.IShapes"):
            host.add(Shapes, lacking)
    host.add(Shapes, lambda: [1])
    host.start()
    with pytest.raises(ContractMismatch, match="it has no method") as caught:
        serving.client().proxy(Shapes).Name()
    assert caught.value.execution == Execution.NOT_RUN


class ISums(Protocol):
    def Sum(self, a: int, b: int, scale: int = 1) -> int: ...


class _TooFew:
    def Sum(self, a):
        raise AssertionError("it cannot be called with three arguments")


class _TooMany:
    def Sum(self, a, b, scale, more):
        raise AssertionError("it cannot be called with three arguments")


class _ByKeyword:
    def Sum(self, a, b, scale, *, more):
        raise AssertionError("it cannot be called without a keyword")


@pytest.mark.parametrize(
    ("served", "words"),
    [
        (_TooFew, r"Sum takes 1 argument, but ISums.Sum has 3"),
        (_TooMany, r"Sum takes 4 arguments, but ISums.Sum has 3"),
        (_ByKeyword, r"Sum needs 'more' by keyword"),
        ({"Sum": lambda a: a}, r"Sum takes 1 argument, but ISums.Sum has 3"),
    ],
)
def test_methods_with_other_parameters_than_the_interfaces_are_refused(serving, served, words):
    host = serving.host(start=False)
    instance = served() if isinstance(served, type) else served
    for each in {id(served): served, id(instance): instance}.values():
        with pytest.raises(callgate.InvalidArgument, match=words):
            host.add(ISums, each)
    host.add(ISums, lambda: instance)
    host.start()
    with pytest.raises(ContractMismatch, match=words) as caught:
        serving.client().proxy(ISums).Sum(1, 2)
    assert caught.value.execution == Execution.NOT_RUN


def test_served_methods_may_take_any_arguments_and_get_the_contracts_defaults(serving):
    class Any:
        def Sum(self, *numbers):
            return sum(numbers)

    serving.host({ISums: Any})
    client = serving.client()
    assert client.proxy(ISums).Sum(1, 2) == client.proxy("ISums").Sum(1, 2) == 4


def test_a_class_with_a_tree_of_itself(serving):
    serving.host({ITrees: Trees()})
    grown = serving.client().proxy(ITrees).Grow(Tree("a", [Tree("b")]), 2)
    assert grown == Tree("a", [Tree("b"), Tree("new"), Tree("new")])


@dataclass
class Tree:
    name: str
    children: List["Tree"] = field(default_factory=list)


class ITrees(Protocol):
    def Grow(self, tree: Tree, by: int) -> Tree: ...


class Trees:
    def Grow(self, tree, by):
        return Tree(tree.name, tree.children + [Tree("new")] * by)
