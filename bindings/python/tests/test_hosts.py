"""Hosts: their handlers, connections and endpoints, inbound calls, and `with`."""

import asyncio
import queue
import threading

import pytest
from numbered import Numbered

import callgate

SOON = 60


def test_handlers_run_for_clients(serving):
    events = queue.Queue()
    host = serving.host({"ITest": Numbered()}, start=False)
    host.on_client_connected(lambda connection: events.put(("connected", connection)))

    @host.on_client_disconnected
    def gone(connection, reason):
        events.put(("disconnected", connection, reason))

    host.start()
    client = serving.client()
    client.proxy("ITest").next()
    connected, connection = events.get(timeout=SOON)
    assert connected == "connected"
    assert connection.is_open
    client.close()
    disconnected, same, reason = events.get(timeout=SOON)
    assert (disconnected, same) == ("disconnected", connection)
    assert isinstance(reason, callgate.ChannelFaulted)
    assert not connection.is_open


def test_a_handler_that_raises_disturbs_nothing(serving, caplog):
    host = serving.host({"ITest": Numbered()}, start=False)
    host.on_client_connected(lambda connection: 1 / 0)
    host.start()
    assert serving.client().proxy("ITest").next() == 1
    assert "a connected handler raised" in caplog.text


def until_it_runs(call):
    while True:
        try:
            return call()
        except callgate.Closed as error:
            assert error.execution == callgate.Execution.NOT_RUN


def test_closing_a_connection_ends_it(serving):
    host = serving.host({"ITest": Numbered()}, start=False)
    gone = threading.Event()
    host.on_client_disconnected(lambda connection, reason: gone.set())
    host.start()
    client = serving.client()
    client.wait_connected()
    connection = client.connection
    assert connection.proxy("ITest").next() == 1
    connection.close()
    assert gone.wait(SOON)
    with pytest.raises(callgate.ChannelFaulted):
        connection.proxy("ITest").next()
    assert until_it_runs(client.proxy("ITest").next) == 2, "the client has connected again"


def test_the_host_calls_its_client(serving):
    class Asking:
        def ask(self):
            connection = callgate.current_call().connection
            return connection.proxy("ICallback").answer()

    with pytest.raises(callgate.ContractMismatch, match="ICallback") as caught:
        serving.proxy(Asking()).ask()
    assert caught.value.execution == callgate.Execution.RAN


def test_the_current_call(serving):
    kept = []

    class Curious:
        def look(self):
            call = callgate.current_call()
            kept.append(call)
            return {
                "interface": call.interface,
                "method": call.method,
                "signature": call.signature,
                "one_way": call.is_one_way,
                "metadata": call.metadata,
                "timed": 0 < call.time_left <= 20,
                "pid": call.connection.peer_pid,
                "user": call.connection.peer_user,
                "uid": call.connection.peer_uid,
            }

    proxy = serving.proxy(Curious())
    metadata = {"user": "\u20ac", "empty": ""}
    looked = proxy.call("look", timeout=20, signature="look()", metadata=metadata)
    assert looked.pop("pid") > 0
    assert looked.pop("user") == str(looked.pop("uid"))
    assert looked == {
        "interface": "ITest",
        "method": "look",
        "signature": "look()",
        "one_way": False,
        "metadata": metadata,
        "timed": True,
    }
    with pytest.raises(callgate.InvalidHandle):
        kept[0].metadata  # noqa: B018
    with pytest.raises(LookupError):
        callgate.current_call()


def test_a_method_may_close_its_host(serving):
    closing = threading.Event()

    class Closing:
        def close(self):
            host.close()
            closing.set()
            return "closing"

    host = serving.host({"ITest": Closing()})
    assert serving.client().proxy("ITest").close() == "closing"
    assert closing.wait(SOON)
    host.wait(SOON)


def test_a_host_says_where_it_listens(serving, pipe):
    host = serving.host(start=False)
    host.add_endpoint("tcp://127.0.0.1:0")
    assert host.endpoints == []
    host.start()
    assert host.endpoints[0] == pipe
    assert int(host.endpoints[1].rsplit(":", 1)[1]) > 0


def test_an_endpoint_in_use_is_refused(serving, pipe):
    serving.host()
    with callgate.Host(pipe) as second, pytest.raises(callgate.AddressInUse) as caught:
        second.start()
    assert caught.value.status == callgate.Status.ADDRESS_IN_USE


class Stuck:
    """Its method waits until it is released."""

    def __init__(self):
        self.inside, self.released = threading.Event(), threading.Event()

    def Work(self):
        self.inside.set()
        self.released.wait(60)


@pytest.mark.parametrize("kind", ["with", "async with"])
def test_leaving_a_host_does_not_mask_what_the_program_raised(pipe, caplog, kind):
    stuck = Stuck()
    host = callgate.Host(pipe, limits=callgate.Limits(drain_timeout=0.05))
    host.add("ITest", stuck)
    host.start()
    client = callgate.Client(pipe)

    def work():
        client.proxy("ITest").Work.one_way()
        assert stuck.inside.wait(60)
        raise KeyError("the program's own")

    async def main():
        async with host:
            work()

    with pytest.raises(KeyError):
        if kind == "with":
            with host:
                work()
        else:
            asyncio.run(main())
    assert "closing" in caplog.text and "TimedOut" in caplog.text
    stuck.released.set()
    host.wait(60)
    client.close()


def test_leaving_a_host_that_cannot_close_is_reported(pipe):
    stuck = Stuck()
    client = callgate.Client(pipe)
    with pytest.raises(callgate.TimedOut), callgate.Host(
        pipe, limits=callgate.Limits(drain_timeout=0.05)
    ) as host:
        host.add("ITest", stuck)
        host.start()
        client.proxy("ITest").Work.one_way()
        assert stuck.inside.wait(60)
    stuck.released.set()
    host.wait(60)
    client.close()
