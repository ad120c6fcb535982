"""Sides that describe an interface differently: found before anything runs, or no difference."""

import asyncio
import logging
import pickle
import queue
from dataclasses import dataclass
from typing import Any, Dict, List, Literal, Optional, Protocol, Union

import pytest

import callgate


def interface(body, **options):
    """An interface of one name, from a class of any."""
    return callgate.interface("IShop", **options)(body)


class Calls:
    """Serves any method, and lists the calls."""

    def __init__(self):
        self.names = []

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)

        def served(*arguments):
            self.names.append(name)
            return arguments[0] if arguments else None

        return served


@dataclass
class Narrow:
    x: int


@dataclass
class Wide:
    x: int
    y: int = 0


@dataclass
class Texts:
    x: str


class IEar(Protocol):
    def Heard(self, line: str) -> None: ...


class IOtherEar(Protocol):
    def Heard(self, line: str) -> None: ...


def taking(annotation, result=None):
    class ITaking(Protocol):
        def Take(self, it): ...

    ITaking.Take.__annotations__.update({"it": annotation, "return": result})
    return interface(ITaking)


class _Two(Protocol):
    def Take(self, it: int, more: int) -> None: ...


class _OneOptional(Protocol):
    def Take(self, it: int, more: int = 1) -> None: ...


class _Other(Protocol):
    def Give(self, it: int) -> None: ...


class _OneWay(Protocol):
    @callgate.one_way
    def Take(self, it: int) -> None: ...


class _More(Protocol):
    def Take(self, it: int) -> None: ...

    def Give(self) -> int: ...


class _Failing(Protocol):
    @callgate.raises("Full")
    def Take(self, it: int) -> None: ...


class _FailingOtherwise(Protocol):
    @callgate.raises("Empty")
    def Take(self, it: int) -> None: ...


def calling_back(ear):
    class ICalling(Protocol):
        def Take(self, it: int) -> None: ...

    return interface(ICalling, callback=ear)


INT = taking(int)

DIFFERENCES = [
    (INT, interface(_Other), "IShop.Take: Take(integer) here, no such method at the host"),
    (INT, interface(_Two), "IShop.Take: 1 parameter here, 2 parameters at the host"),
    (INT, taking(str), "IShop.Take, parameter 1 (it): integer here, string at the host"),
    (INT, taking(None, None), "IShop.Take, parameter 1 (it): integer here, null at the host"),
    (
        taking(Optional[int]),
        INT,
        "IShop.Take, parameter 1 (it): null here, integer at the host",
    ),
    (
        taking(int, int),
        taking(int, Optional[int]),
        "IShop.Take, result: integer here, null at the host",
    ),
    (
        taking(Narrow),
        taking(Texts),
        "IShop.Take, parameter 1 (it), member x: integer here, string at the host",
    ),
    (
        taking(List[Literal["a", "b"]]),
        taking(List[Literal["a"]]),
        'IShop.Take, parameter 1 (it), its elements: one of "a", "b" here, one of "a" at the host',
    ),
    (interface(_OneWay), INT, "IShop.Take: one-way here, with a reply at the host"),
    (INT, interface(_OneWay), "IShop.Take: with a reply here, one-way at the host"),
    (
        interface(_Failing),
        interface(_FailingOtherwise),
        "IShop.Take, errors: Full here, Empty at the host",
    ),
    (
        calling_back(IEar),
        calling_back(IOtherEar),
        "IShop, callback interface: 'IEar' here, 'IOtherEar' at the host",
    ),
]

COMPATIBLE = [
    (INT, interface(_More)),
    (INT, interface(_OneOptional)),
    (INT, taking(Optional[int])),
    (INT, taking(Union[int, str])),
    (taking(Narrow), taking(Wide)),
    (taking(Narrow, Narrow), taking(Narrow, Wide)),
    (taking(Wide), taking(Narrow)),
    (taking(Dict[str, Any]), taking(Narrow)),
    (taking(str), taking(Literal["a"])),
    (interface(_Failing), INT),
    (INT, calling_back(IEar)),
    (taking(int, None), taking(int, Any)),
]


@pytest.mark.parametrize(("here", "there", "expected"), DIFFERENCES)
def test_differences_are_found_before_anything_runs(serving, here, there, expected):
    calls = Calls()
    serving.host({there: calls})
    proxy = serving.client().proxy(here)
    for attempt in (
        lambda: callgate.verify(proxy),
        lambda: asyncio.run(callgate.verify_aio(proxy)),
        lambda: proxy.Take(_example(here)),
        lambda: proxy.Take.start(_example(here)).result(),
    ):
        with pytest.raises(callgate.ContractMismatch) as raised:
            attempt()
        assert expected in str(raised.value)
        assert raised.value.execution is callgate.Execution.NOT_RUN
    assert calls.names == []


@pytest.mark.parametrize(("here", "there"), COMPATIBLE)
def test_compatible_changes_pass(serving, here, there):
    serving.host({there: Calls()})
    callgate.verify(serving.client().proxy(here))


def _example(described):
    kind = described.Take.__annotations__["it"]
    if kind is Narrow:
        return Narrow(1)
    return ["a"] if "List" in str(kind) else 1


def test_a_renamed_interface_is_not_there(serving):
    serving.host({INT: Calls()})

    @callgate.interface("IStore")
    class IStore(Protocol):
        def Take(self, it: int) -> None: ...

    with pytest.raises(callgate.ContractMismatch, match="IStore"):
        serving.client().proxy(IStore).Take(1)


def test_descriptions_can_be_switched_off(serving):
    calls = Calls()
    serving.host({interface(_Two): calls})
    client = serving.client(described=False)
    callgate.verify(client.proxy(INT))
    with pytest.raises(callgate.ContractMismatch, match="takes 2 arguments"):
        client.proxy(INT).Take(1)
    about = client.proxy("callgate.Host")
    assert about.Interfaces() == ["IShop"]
    assert about.Describe("IShop") == callgate.describe(interface(_Two))


def test_a_client_chooses_when_it_compares(serving):
    calls = Calls()
    serving.host({INT: calls})
    careless = serving.client(verify=callgate.Verify.NEVER).proxy(taking(str))
    with pytest.raises(callgate.ContractMismatch) as refused:
        careless.Take("x")
    assert "string here" not in refused.value.message
    with pytest.raises(callgate.ContractMismatch, match="string here"):
        callgate.verify(careless)

    logged = queue.Queue()

    class Handler(logging.Handler):
        def emit(self, record):
            logged.put(record.getMessage())

    log = logging.Logger("eager")
    log.addHandler(Handler(logging.ERROR))
    eager = serving.client(verify=callgate.Verify.WHEN_CONNECTING, log=log).proxy(taking(str))
    assert "string here" in logged.get()
    with pytest.raises(callgate.ContractMismatch, match="string here"):
        eager.Take("x")
    assert calls.names == []


def test_the_time_of_comparing_must_be_one_of_three(pipe):
    with pytest.raises(callgate.InvalidArgument, match=r"callgate\.Verify, not 'never'"):
        callgate.Client(pipe, verify="never")


def test_a_name_that_the_host_has_an_alias_for_is_compared(serving):
    host = serving.host({INT: Calls()}, start=False)
    host.add_interface_alias("IOld", "IShop")
    host.start()
    client = serving.client()

    @callgate.interface("IOldShop")
    class IOldShop(Protocol):
        def Take(self, it: str) -> None: ...

    with pytest.raises(callgate.ContractMismatch, match=r"IOldShop\.Take, parameter 1 \(it\)"):
        client.proxy(IOldShop).Take("x")


def test_a_callback_interface_that_the_client_has_an_alias_for_is_compared(serving):
    serving.host({calling_back(IOtherEar): Calls()})
    aliased = serving.client(aliases={"IOther": "IEar"})
    callgate.verify(aliased.proxy(calling_back(IEar)))
    with pytest.raises(callgate.ContractMismatch, match="'IEar' here, 'IOtherEar' at the host"):
        callgate.verify(serving.client().proxy(calling_back(IEar)))


def test_a_host_without_descriptions_fits(serving):
    serving.host({INT: Calls()}, described=False)
    client = serving.client()
    callgate.verify(client.proxy(taking(str)))
    with pytest.raises(callgate.ContractMismatch):
        client.proxy("callgate.Host").Interfaces()


def test_interfaces_without_a_class_are_named(serving):
    serving.host({"IShop": Calls()})
    client = serving.client()
    about = client.proxy("callgate.Host")
    assert (about.Interfaces(), about.Describe("IShop")) == (["IShop"], None)
    callgate.verify(client.proxy(INT))
    callgate.verify(client.proxy("IShop"))


def test_duplex_hosts_describe_their_callbacks(serving):
    class Served:
        def __init__(self, ear):
            self.ear = ear

        def Take(self, it):
            return None

    host = serving.host(start=False)
    host.add_duplex_delegate_factory(INT, IEar, Served)
    host.start()
    client = serving.client()
    found = client.proxy("callgate.Host").Describe("IShop")
    assert found == callgate.describe(INT, IEar)
    callgate.verify(client.proxy(INT))
    with pytest.raises(callgate.ContractMismatch, match="callback interface"):
        callgate.verify(client.proxy(calling_back(IOtherEar)))


def test_waiting_for_the_host_ends(serving):
    client = callgate.Client(f"pipe://nobody-{id(serving)}")
    with client:
        hasty = callgate.with_options(client.proxy(INT), timeout=0.02)
        with pytest.raises(callgate.TimedOut):
            callgate.verify(hasty)

        async def cancelled():
            patient = callgate.with_options(client.proxy(INT), timeout=None)
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(callgate.verify_aio(patient), 0.02)

        asyncio.run(cancelled())


def test_pickled_proxies_describe_themselves(serving):
    serving.host({interface(_Two): Calls()})
    proxy = pickle.loads(pickle.dumps(serving.client().proxy(Taking)))
    with pytest.raises(callgate.ContractMismatch, match="2 parameters at the host"):
        proxy.Take(1)


class Taking(Protocol):
    def Take(self, it: int) -> None: ...


Taking = callgate.interface("IShop")(Taking)
