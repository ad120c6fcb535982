"""Serving an interface with objects, classes and factories."""

import queue

import pytest
from numbered import Numbered

import callgate

SOON = 60


def test_an_object_serves_all_connections(serving):
    serving.host({"ITest": Numbered()})
    assert [serving.client().proxy("ITest").next() for _ in range(3)] == [1, 2, 3]


def test_a_class_is_made_once_for_each_connection_and_released(serving):
    events = queue.Queue()

    class Delegate(Numbered):
        def __init__(self, connection):
            super().__init__()
            self.connection = connection
            events.put("made")

        def __del__(self):
            events.put("released")

        def id(self):
            return self.connection.id

    serving.host({"ITest": Delegate})
    first, second = serving.client(), serving.client()
    assert [first.proxy("ITest").next(), first.proxy("ITest").next()] == [1, 2]
    assert second.proxy("ITest").next() == 1
    assert first.proxy("ITest").id() != second.proxy("ITest").id()
    assert [events.get(timeout=SOON) for _ in range(2)] == ["made"] * 2
    first.close()
    assert events.get(timeout=SOON) == "released"
    assert second.proxy("ITest").next() == 2
    assert events.empty()


def test_factories_are_asked_in_order_and_once(serving):
    asked = []
    host = serving.host(start=False)

    def none(interface, connection):
        asked.append(("none", interface))

    def some(interface, connection):
        asked.append(("some", interface))
        return Numbered() if interface == "ITest" else None

    host.add_delegate_factory(none)
    host.add_delegate_factory(some)
    host.start()
    client = serving.client()
    proxy = client.proxy("ITest")
    assert [proxy.next(), client.proxy("ITest").next()] == [1, 2]
    for _ in range(2):
        with pytest.raises(callgate.ContractMismatch):
            client.proxy("IOther").next()
    assert asked == [(name, i) for i in ("ITest", "IOther") for name in ("none", "some")]


def test_a_factory_that_fails_is_asked_again(serving):
    outcomes = [ValueError("not yet"), callgate.ContractMismatch("never"), None]

    def make():
        outcome = outcomes.pop(0)
        if outcome:
            raise outcome
        return Numbered()

    serving.host({"ITest": make})
    proxy = serving.client().proxy("ITest")
    with pytest.raises(callgate.RemoteError, match="ValueError: not yet"):
        proxy.next()
    with pytest.raises(callgate.ContractMismatch, match="never") as caught:
        proxy.next()
    assert caught.value.execution == callgate.Execution.NOT_RUN
    assert proxy.next() == 1


def test_an_object_that_cannot_be_made_has_not_run(serving):
    class Refusing:
        def __init__(self):
            raise ValueError("not today")

        def Work(self):
            pass

    class Duplex(Refusing):
        def __init__(self, callback):
            super().__init__()

    host = serving.host({"IWork": Refusing}, start=False)
    host.add_duplex_delegate_factory("IDuplex", "ICallback", Duplex)
    host.start()
    client = serving.client()
    for name in ("IWork", "IDuplex"):
        with pytest.raises(callgate.RemoteError, match="ValueError: not today") as caught:
            client.proxy(name).Work()
        assert caught.value.execution == callgate.Execution.NOT_RUN
