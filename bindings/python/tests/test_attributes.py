"""What a peer's call can reach: methods, but no attribute whose getter runs code."""

import functools
import types

import pytest

import callgate


class Lazy:
    """Another descriptor whose getter runs code."""

    def __init__(self, function):
        self._function = function

    def __get__(self, instance, owner):
        return self._function(instance)


def twice(number):
    return 2 * number


class Served:
    __slots__ = ("__dict__", "slotted", "touched")

    def __init__(self):
        self.touched = []
        self.slotted = twice
        self.held = twice

    @property
    def plain(self):
        self.touched.append("plain")
        return twice

    @functools.cached_property
    def cached(self):
        self.touched.append("cached")
        return twice

    @Lazy
    def lazy(self):
        self.touched.append("lazy")
        return twice

    def method(self, number):
        return 2 * number

    @staticmethod
    def static(number):
        return 2 * number

    @classmethod
    def of_class(cls, number):
        return 2 * number

    @functools.lru_cache(None)  # noqa: B019
    def kept(self, number):
        return 2 * number

    def by(self, factor, number):
        return factor * number

    partial = functools.partialmethod(by, 2)


@pytest.fixture
def served():
    return Served()


@pytest.fixture
def proxy(serving, served):
    return serving.proxy(served)


@pytest.mark.parametrize("name", ["plain", "cached", "lazy", "touched"])
def test_what_runs_when_it_is_read_is_no_method(proxy, served, name):
    with pytest.raises(callgate.ContractMismatch, match=name) as caught:
        proxy.call(name, 1)
    assert caught.value.execution == callgate.Execution.NOT_RUN
    assert served.touched == []


@pytest.mark.parametrize(
    "name",
    ["method", "static", "of_class", "kept", "partial", "held", "slotted"],
)
def test_every_kind_of_method_is_served(proxy, name):
    assert proxy.call(name, 21) == 42


def test_a_module_is_served(serving):
    module = types.ModuleType("numbers")
    module.twice = twice
    assert serving.proxy(module).twice(21) == 42
