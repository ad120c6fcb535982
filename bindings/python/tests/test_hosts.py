"""Hosts: factories, handlers, the inbound call, answers that come later."""

import asyncio
import logging
import queue
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

import callgate

SOON = 60


class Numbered:
    """Counts its own calls."""

    def __init__(self):
        self.count = 0

    def next(self):
        self.count += 1
        return self.count


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

    host.add_factory(none)
    host.add_factory(some)
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
    host.add_duplex("IDuplex", "ICallback", Duplex)
    host.start()
    client = serving.client()
    for name in ("IWork", "IDuplex"):
        with pytest.raises(callgate.RemoteError, match="ValueError: not today") as caught:
            client.proxy(name).Work()
        assert caught.value.execution == callgate.Execution.NOT_RUN


def test_handlers_are_told_of_clients(serving):
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
    assert "a handler of new connections raised" in caplog.text


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
                "uid": call.connection.peer_uid,
            }

    proxy = serving.proxy(Curious())
    metadata = {"user": "\u20ac", "empty": ""}
    looked = proxy.call("look", timeout=20, signature="look()", metadata=metadata)
    assert looked.pop("pid") > 0
    assert looked.pop("uid") >= 0
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


@pytest.mark.parametrize("done_first", [True, False])
def test_a_future_answers_later(serving, done_first):
    with ThreadPoolExecutor() as pool:

        class Later:
            def double(self, value):
                future = pool.submit(lambda: 2 * value)
                if done_first:
                    future.result()
                return future

            def fail(self):
                return pool.submit(lambda: 1 / 0)

            def cancelled(self):
                future = Future()
                future.cancel()
                return future

            def unencodable(self):
                return pool.submit(object)

        proxy = serving.proxy(Later())
        assert [proxy.double(n) for n in range(50)] == [2 * n for n in range(50)]
        with pytest.raises(callgate.RemoteError, match="ZeroDivisionError"):
            proxy.fail()
        with pytest.raises(callgate.RemoteError, match="CancelledError"):
            proxy.cancelled()
        with pytest.raises(callgate.ContractMismatch):
            proxy.unencodable()


def test_a_future_that_is_dropped_fails_its_call(serving):
    class Forgetful:
        def forget(self):
            return Future()

    with pytest.raises(callgate.RemoteError):
        serving.proxy(Forgetful()).forget()


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


def test_a_remote_error_is_carried_on_as_it_is(serving):
    class Raising:
        def raise_it(self):
            raise callgate.RemoteError("My.Type", "words", "trace", {"code": [7]})

        def refuse(self):
            raise callgate.ContractMismatch("a number is wanted")

        def bad_data(self):
            raise callgate.RemoteError("My.Type", "words", data=object())

    proxy = serving.proxy(Raising())
    with pytest.raises(callgate.RemoteError) as caught:
        proxy.raise_it()
    error = caught.value
    assert (error.type_name, error.message, error.trace) == ("My.Type", "words", "trace")
    assert error.data == {"code": [7]}
    with pytest.raises(callgate.ContractMismatch, match="^a number is wanted$") as caught:
        proxy.refuse()
    assert caught.value.execution == callgate.Execution.RAN
    with pytest.raises(callgate.RemoteError, match="words") as caught:
        proxy.bad_data()
    assert caught.value.data is None


def test_an_object_that_fails_to_look_for_a_method(serving):
    class Broken:
        def __getattr__(self, name):
            raise RuntimeError(f"no {name} today")

    proxy = serving.proxy(Broken())
    for _ in range(2):
        with pytest.raises(callgate.RemoteError, match="no Work today"):
            proxy.Work()


@pytest.mark.parametrize("kind", ["plain", "async"])
def test_one_way_calls_that_fail_are_logged(serving, caplog, kind):
    class Failing:
        def Note(self, line):
            raise LookupError("nowhere to note it\n")

        def Flush(self):
            pass

    class FailingLater(Failing):
        async def Note(self, line):
            raise LookupError("nowhere to note it\n")

    host = serving.host(start=False)
    host.add("ITest", Failing if kind == "plain" else FailingLater, ordered=True)
    host.start()
    proxy = serving.client().proxy("ITest")
    proxy.Note.one_way("a")
    proxy.Flush()
    eventually(lambda: "nowhere to note it" in caplog.text)
    (record,) = [each for each in caplog.records if each.name == "callgate"]
    assert "one-way call ITest.Note" in record.getMessage()
    assert "in Note" in caplog.text, "with its traceback"


def test_one_way_calls_that_do_not_fit_are_logged(serving, caplog):
    serving.host({"ITest": Numbered})
    proxy = serving.client().proxy("ITest")
    proxy.next.one_way(5)
    proxy.missing.one_way()
    proxy.next()
    eventually(lambda: "ITest.missing" in caplog.text)
    assert "ITest.next takes 0 arguments, not 1" in caplog.text


def test_one_way_calls_that_fail_are_logged_once(serving, caplog):
    class Failing:
        def Note(self):
            raise LookupError("nowhere to note it")

    logger = logging.getLogger("test.one_way")
    serving.host({"ITest": Failing}, log=logger)
    proxy = serving.client().proxy("ITest")
    proxy.Note.one_way()
    eventually(lambda: "nowhere to note it" in caplog.text)
    assert {each.name for each in caplog.records if "nowhere" in each.getMessage()} == {logger.name}


def eventually(ask):
    for _ in range(500):
        if ask():
            return
        time.sleep(0.01)
    raise AssertionError("it does not happen")


class Stuck:
    """Its method does not return before it is let go."""

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


def test_leaving_a_host_that_cannot_close_is_told(pipe):
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
