"""Objects and functions that serve an annotated class must have its methods."""

from typing import Protocol

import pytest
from shapes import Shapes

import callgate
from callgate import ContractMismatch, Execution


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
        (_ByKeyword, r"Sum requires the keyword argument 'more'"),
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
