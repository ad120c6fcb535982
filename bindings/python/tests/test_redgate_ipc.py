"""The features of RedGate.Ipc, each in a test named after it, with a host in its own process and
clients in this one, over a pipe and over TCP. Point 6 is in test_redgate_ipc_errors.py."""

import errno
import queue
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from conftest import QUICK, REDGATE_HOST

import callgate

SOON = 60
TCP = "tcp://127.0.0.1:0"


def nobody_listens(endpoint):
    with callgate.Client(endpoint) as client:
        with pytest.raises(callgate.ChannelFaulted) as caught:
            client.wait_connected(0.1)
        assert caught.value.cause.os_code in (errno.ENOENT, errno.ECONNREFUSED)


def next_event(host, kind):
    """The host's next event of a kind; skips others."""
    while True:
        event = host.ask("event")
        if event[0] == kind:
            return event


@pytest.mark.parametrize("kinds", ["pipe pipe", "tcp tcp", "pipe tcp"])
def test_1_several_endpoints_on_one_host(program, serving, pipe, kinds):
    endpoints = [{"pipe": f"{pipe}-{n}", "tcp": TCP}[k] for n, k in enumerate(kinds.split())]
    host = program(REDGATE_HOST, *endpoints)
    lost = queue.Queue()
    clients = [
        serving.client(each, on_disconnected=lambda connection, reason: lost.put(reason))
        for each in host.endpoints
    ]
    assert [client.proxy("ICounter").Next() for client in clients] == [1, 1]
    assert [client.connection.is_open for client in clients] == [True, True]
    host.ask("close")
    for _ in clients:
        assert isinstance(lost.get(timeout=SOON), callgate.ChannelFaulted)
    for each in host.endpoints:
        nobody_listens(each)
    again = program(REDGATE_HOST, *host.endpoints)
    assert again.endpoints == host.endpoints, "what was closed can be listened on again"


def test_2_delegate_factories_in_order_once_per_connection(redgate_host, connect):
    client, other = connect(), connect()
    proxies = [client.proxy("ICounter"), client.proxy("ICounter")]
    assert [proxy.Next() for proxy in proxies] == [1, 2], "the delegate is kept"
    assert redgate_host.ask("asked", "ICounter") == [1, 1], "in order, once"
    assert other.proxy("ICounter").Next() == 1, "each connection has its own"
    assert redgate_host.ask("asked", "ICounter") == [2, 2]
    assert client.proxy("IFirst").Get() == "the first factory's"
    assert redgate_host.ask("asked", "IFirst") == [1, 0], "until one answers"
    for _ in range(2):
        with pytest.raises(callgate.ContractMismatch, match="INobody") as caught:
            client.proxy("INobody").Get()
        assert caught.value.execution == callgate.Execution.NOT_RUN
    assert redgate_host.ask("asked", "INobody") == [1, 1], "none is an answer too"
    with ThreadPoolExecutor(8) as pool:
        named = other.proxy("INamed")
        assert list(pool.map(lambda _: named.get_Name(), range(64))) == [""] * 64
    assert redgate_host.ask("asked", "INamed") == [1, 1], "also by many at once"
    kinds = [redgate_host.ask("event")[0] for _ in range(4)]
    assert sorted(kinds) == ["connected 1"] * 2 + ["connected 2"] * 2
    assert redgate_host.ask("no event"), "none is released before its connection ends"
    client.close()
    next_event(redgate_host, "released")
    assert other.proxy("ICounter").Next() == 2


def test_3_methods_overloads_properties_inherited_interfaces(connect):
    client = connect()
    counter, named = client.proxy("ICounter"), client.proxy("INamed")
    assert [counter.Next(), counter.Count()] == [1, 1]
    assert counter.call("Add", 1, 2, signature="Add_Int64_Int64") == 3
    assert counter.call("Add", "a", "b", signature="Add_String_String") == "ab"
    assert counter.set_Name("Ada") is None
    assert counter.get_Name() == "Ada", "what it inherits, by its own name"
    assert named.get_Name() == "Ada", "and by the interface that declares it"
    named.set_Name("Grace")
    assert counter.get_Name() == "Grace"


class Callback:
    """Served by the clients."""

    def __init__(self):
        self.notes = queue.Queue()

    def Double(self, number):
        return 2 * number

    def Fail(self):
        raise LookupError("not here")

    def Note(self, note):
        self.notes.put(note)


def test_4_full_duplex(redgate_host, connect):
    client = connect(callbacks={"ICallback": Callback()})
    duplex = client.proxy("IDuplex")
    assert duplex.Run(5) == [200, 10], "in the factory, in the call"
    with ThreadPoolExecutor(8) as pool:
        runs = pool.map(duplex.Run, range(100))
        assert list(runs) == [[200, 2 * n] for n in range(100)], "from many threads"
    assert redgate_host.ask("call back", [21, 0]) == 42, "kept, and used later by another thread"
    with callgate.Host("pipe://never-started") as twice:
        twice.add_duplex_delegate_factory("IDuplex", "ICallback", Callback)
        for callback in ("ICallback", "IOther"):
            with pytest.raises(callgate.InvalidArgument, match="IDuplex"):
                twice.add_duplex_delegate_factory("IDuplex", callback, Callback)
        twice.add_duplex_delegate_factory("IOther", "ICallback", Callback)


def test_5_silent_reconnect(redgate_host, connect, program):
    again, lost = queue.Queue(), queue.Queue()
    client = connect(
        on_reconnected=lambda connection: again.put(connection.generation),
        on_disconnected=lambda connection, reason: lost.put(connection.generation),
    )
    counter = client.proxy("ICounter")
    assert counter.Next() == 1
    for generation in (2, 3, 4):
        redgate_host.ask("cut")
        assert again.get(timeout=SOON) == generation, "in the background, without a call"
        assert counter.Next() == 1, "a new connection, a new delegate"
        assert lost.get(timeout=SOON) == generation - 1
    redgate_host.kill()
    assert lost.get(timeout=SOON) == 4
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(counter.call, "Count")
        impatient = connect(limits=replace(QUICK, connection_timeout=0.2))
        begun = time.monotonic()
        with pytest.raises(callgate.ChannelFaulted) as caught:
            impatient.proxy("ICounter").Next()
        assert time.monotonic() - begun >= 0.2, "it waits for a connection"
        assert caught.value.execution == callgate.Execution.NOT_RUN
        program(REDGATE_HOST, redgate_host.endpoints[0])
        assert waiting.result(SOON) == 0, "a call waits for a connection"
    assert again.get(timeout=SOON) == 5
    assert counter.Next() == 1
    impatient.wait_connected(SOON)


def test_7_type_aliases_on_host_and_client(redgate_host, connect):
    client = connect(
        callbacks={"IRenamed": Callback()}, aliases={"ICall": "INowhere", "ICallb": "IRenamed"}
    )
    names = ["Old.ICounter", "ICounter", "Old.ICounterV2", "Old.ICounter"]
    assert [client.proxy(name).Next() for name in names] == [1, 2, 3, 4], "one delegate"
    assert redgate_host.ask("asked", "ICounter") == [1, 1]
    with pytest.raises(callgate.ContractMismatch, match="INowhere"):
        client.proxy("Old.Else").Next()
    assert client.proxy("IDuplex").Run(1) == [200, 2], "ICallback is served by IRenamed"


def test_8_initialisation_routines(redgate_host, connect):
    ran, may_end = queue.Queue(), threading.Semaphore(0)

    def initialise(proxy):
        ran.put(proxy.Next())
        assert may_end.acquire(timeout=SOON)

    client = connect()
    client.wait_connected(SOON)
    first, second = (client.proxy("ICounter", initialise=initialise) for _ in range(2))
    plain = client.proxy("ICounter")
    assert plain.Count() == 0, "the first time they wait for a call"
    with ThreadPoolExecutor() as pool:
        calls = [pool.submit(first.call, "Count") for _ in range(4)]
        assert ran.get(timeout=SOON) == 1
        assert plain.Count() == 1, "other proxies do not wait"
        assert not any(call.done() for call in calls), "calls wait for it"
        may_end.release()
        assert [call.result(SOON) for call in calls] == [1] * 4
        may_end.release()
        assert [second.Count(), ran.get(timeout=SOON)] == [2, 2], "each proxy has its own"
        assert [first.Count(), ran.empty()] == [2, True], "once for a connection"
        redgate_host.ask("cut")
        assert sorted(ran.get(timeout=SOON) for _ in range(2)) == [1, 2], "by themselves"
        late = pool.submit(first.call, "Count")
        assert plain.Count() == 2
        assert not late.done()
        may_end.release()
        may_end.release()
        assert late.result(SOON) == 2
    assert ran.empty()


@pytest.mark.parametrize("end", ["client", "host"])
def test_9_client_connected_handlers_and_disconnected_events(redgate_host, connect, end):
    told = queue.Queue()
    client = connect(on_disconnected=lambda *event: told.put(event))
    assert client.proxy("ICounter").Next() == 1
    connection = client.connection
    first, second = redgate_host.ask("event"), redgate_host.ask("event")
    assert [first[0], second[0]] == ["connected 1", "connected 2"], "each handler, in order"
    assert first[1] == second[1]
    assert redgate_host.ask("no event")
    client.close() if end == "client" else redgate_host.ask("cut")
    ended, reason = told.get(timeout=SOON)
    assert ended == connection
    assert isinstance(reason, callgate.ChannelFaulted)
    event = next_event(redgate_host, "disconnected")
    assert event[1] == first[1]
    assert event[2] in ("ChannelFaulted", "Closed")


def test_10_one_way_methods(redgate_host, connect):
    callback = Callback()
    client = connect(callbacks={"ICallback": callback})
    counter = client.proxy("ICounter")
    for _ in range(500):
        assert counter.Next.one_way() is None
    assert counter.Count() == 500, "in order, before the call"
    counter.one_way("Hold")
    next_event(redgate_host, "held")  # It has returned here, but is running there.
    for failing in (counter.Fail, counter.Nothing, client.proxy("INobody").Get):
        failing.one_way("KeyError")
    assert client.proxy("IDuplex").Run(0) == [200, 0]
    redgate_host.ask("tell", "the other way")
    assert callback.notes.get(timeout=SOON) == "the other way"
