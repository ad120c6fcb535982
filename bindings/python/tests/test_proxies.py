"""Proxies and their methods as Python objects: attributes, truth, names, signatures."""

import asyncio
import inspect
from typing import Protocol

import pytest

import callgate


class IMath(Protocol):
    """Sums."""

    def Add(self, a: int, b: int = 1) -> int:
        """The sum of both."""
        ...

    async def Slow(self, a: int) -> int: ...


class Math:
    def Add(self, a, b):
        return a + b

    async def Slow(self, a):
        return a

    def _hidden(self):
        raise AssertionError("it cannot be called")


@pytest.fixture(params=["typed", "plain"])
def proxy(request, serving):
    serving.host({IMath: Math})
    return serving.client().proxy(IMath if request.param == "typed" else "IMath")


def test_attributes_cannot_be_set(proxy):
    with pytest.raises(AttributeError, match="'speed' cannot be set: a proxy of .*IMath.*call one"):
        proxy.speed = 5
    with pytest.raises(AttributeError, match="'Add' cannot be set"):
        proxy.Add = None
    assert proxy.Add(1, 2) == 3


def test_a_method_that_is_not_called_is_neither_true_nor_false(proxy):
    with pytest.raises(TypeError, match=r"Add is a method.*Add\(\)"):
        bool(proxy.Add)
    assert proxy, "a proxy is true"


def test_calls_are_started_and_awaited_alike(proxy):
    assert proxy.Add.start(1, 2).result(60) == 3
    assert callgate.start(proxy.Add, 1, 2).result(60) == 3
    assert callgate.start(proxy.Slow, 4).result(60) == 4
    assert asyncio.run(proxy.Add.aio(1, 2)) == 3
    assert asyncio.run(callgate.aio(proxy.Add, 1, 2)) == 3
    assert asyncio.run(callgate.aio(proxy.Slow, 4)) == 4


def test_only_methods_of_proxies_are_started():
    for started in (callgate.start, callgate.aio):
        with pytest.raises(callgate.InvalidArgument, match="a method of a proxy"):
            started(len, "a")


def test_methods_by_name_take_options(serving):
    class Describing:
        def Describe(self):
            call = callgate.current_call()
            return [call.signature, call.metadata]

    proxy = serving.proxy(Describing())
    method = proxy.method("Describe", signature="s", metadata={"k": "v"})
    assert method() == method.start().result(60) == ["s", {"k": "v"}]
    with pytest.raises(callgate.InvalidArgument, match="name"):
        proxy.method(5)


def test_typed_methods_show_their_contract(serving):
    add = serving.client().proxy(IMath).Add
    assert add.__doc__ == "The sum of both."
    assert add.__name__ == "Add"
    assert str(inspect.signature(add)) == "(a: int, b: int = 1) -> int"
    assert "The sum of both" in inspect.getdoc(add)


def test_representations(serving, pipe):
    host = serving.host({"IMath": Math})
    client = serving.client()
    assert repr(host) == f"<callgate.Host of {pipe}>"
    assert repr(client) == f"<callgate.Client of {pipe}>"
    assert repr(client.proxy("IMath")) == "<callgate.Proxy of IMath>"
    assert repr(client.proxy(IMath)) == "<callgate proxy of IMath>"
    assert repr(client.proxy("IMath").Add) == "<callgate method IMath.Add>"
    assert repr(client.proxy(IMath).Add) == "<callgate method IMath.Add>"

    class Showing:
        def Show(self):
            kept.append(callgate.current_call())
            return repr(kept[0])

    kept = []
    other = callgate.Host(pipe + "-other")
    with other, callgate.Client(pipe + "-other") as client:
        other.add("IShow", Showing())
        other.start()
        assert client.proxy("IShow").Show() == "<callgate.Call of IShow.Show>"
        assert repr(kept[0]) == "<callgate.Call that has ended>"
