"""Typed proxies: their arguments and results are checked and converted."""

import asyncio
import threading
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import List, Protocol

import pytest
from shapes import Point, Served, Shapes

import callgate
from callgate import ContractMismatch, Execution


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
    # There is no host: a call that was sent would wait for one.
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
    host.add_duplex_delegate_factory(IWork, IProgress, Worker)
    host.start()
    client = serving.client(callbacks={IProgress: Progress()})
    assert client.proxy(IWork).Work(2) == [Point(0, 0), Point(1, 1), Point(9, 9)]


def test_an_initialisation_routine_is_given_a_typed_proxy(serving, served):
    names = []
    shapes = serving.client().proxy(Shapes, lambda proxy: names.append(proxy.Mirror(Point(1))))
    assert shapes.Name() == "shapes"
    assert names == [Point(0, 1)]


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
