"""A client's connection handlers, and proxies with an initialisation routine."""

import queue
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

import callgate

SOON = 60


class Session:
    """Created for each connection."""

    def __init__(self):
        self.user = None
        self.lines = []

    def log_in(self, user):
        self.user = user

    def who(self):
        return self.user

    def note(self, line):
        self.lines.append(line)

    def noted(self):
        return self.lines


QUICK = callgate.Limits(reconnect_backoff_min=0.005, reconnect_backoff_max=0.005)


def test_a_client_reports_its_connections(serving):
    events = queue.Queue()
    host = serving.host({"ISession": Session})
    client = serving.client(
        limits=QUICK,
        on_connected=lambda connection: events.put(("connected", connection.generation)),
        on_reconnected=lambda connection: events.put(("reconnected", connection.generation)),
        on_disconnected=lambda connection, reason: events.put((connection.generation, reason)),
    )
    assert events.get(timeout=SOON) == ("connected", 1)
    host.close()
    generation, reason = events.get(timeout=SOON)
    assert generation == 1
    assert isinstance(reason, callgate.ChannelFaulted)
    serving.host({"ISession": Session})
    assert events.get(timeout=SOON) == ("reconnected", 2)
    client.close()
    generation, reason = events.get(timeout=SOON)
    assert generation == 2
    assert events.empty()


def test_a_handler_that_raises_disturbs_nothing(serving, caplog):
    serving.host({"ISession": Session})
    client = serving.client(on_connected=lambda connection: 1 / 0)
    assert client.proxy("ISession").who() is None
    client.close()
    assert "a connected handler raised" in caplog.text


def test_a_proxy_is_initialised_on_each_connection(serving):
    host = serving.host({"ISession": Session})
    client = serving.client(limits=QUICK)
    again = threading.Semaphore(0)

    def initialise(proxy):
        assert proxy.interface == "ISession"
        proxy.log_in("me")
        again.release()

    session = client.proxy("ISession", initialise=initialise)
    assert session.who() == "me"
    assert again.acquire(timeout=SOON)
    host.close()
    serving.host({"ISession": Session})
    assert again.acquire(timeout=SOON), "it runs by itself"
    assert session.who() == "me"
    assert not again.acquire(blocking=False)


def failure(session, kind):
    """Calls until the initialisation fails with a given error."""
    while True:
        with pytest.raises(callgate.InitialisationFailed) as caught:
            session.who()
        if isinstance(caught.value.cause, kind):
            return caught.value.cause


def test_an_initialisation_that_fails_is_reported_and_tried_again(serving):
    outcome = ValueError("not yet")

    def initialise(proxy):
        if outcome:
            raise outcome

    serving.host({"ISession": Session})
    session = serving.client().proxy("ISession", initialise=initialise)
    assert failure(session, callgate.RemoteError).type_name == "ValueError"
    outcome = callgate.TimedOut("too late")
    assert failure(session, callgate.TimedOut).message == "too late"
    outcome = None
    while True:
        try:
            assert session.who() is None
            break
        except callgate.InitialisationFailed:
            pass


def test_an_ordered_interface_keeps_one_way_calls_in_order(serving):
    host = serving.host(start=False)
    host.add("ISession", Session, ordered=True)
    host.start()
    client = serving.client()
    session = client.proxy("ISession")
    for line in range(200):
        session.note.one_way(line)
    client.flush()
    client.flush(timeout=None)
    assert session.noted() == list(range(200))


class Alone:
    """Records how many of its calls run at once."""

    def __init__(self, callback=None):
        self.callback = callback
        self.running = 0
        self.most = 0

    def enter(self):
        self.running += 1
        self.most = max(self.most, self.running)
        # Long enough for other calls to begin, if they could.
        time.sleep(0.005)
        self.running -= 1

    def through_the_client(self):
        self.running += 1
        self.callback.call_back()
        self.running -= 1

    def result(self):
        return self.most


class CallsBack:
    def call_back(self):
        callgate.current_call().connection.proxy("IAlone").result()


def add(host):
    host.add("IAlone", Alone, ordered=True)


def add_delegate_factory(host):
    alone = {"IAlone": Alone()}
    host.add_delegate_factory(
        lambda interface, connection: alone.get(interface), ordered=["IAlone"]
    )


def add_duplex_delegate_factory(host):
    host.add_duplex_delegate_factory("IAlone", "ICallback", Alone, ordered=True)


@pytest.mark.parametrize("serve", [add, add_delegate_factory, add_duplex_delegate_factory])
def test_calls_to_an_ordered_interface_run_one_at_a_time(serving, serve):
    host = serving.host(start=False)
    serve(host)
    host.start()
    alone = serving.client(callbacks={"ICallback": CallsBack()}).proxy("IAlone")
    with ThreadPoolExecutor(8) as pool:
        for call in [pool.submit(alone.call, "enter") for _ in range(40)]:
            call.result(SOON)
        if serve is add_duplex_delegate_factory:
            calls = [pool.submit(alone.call, "through_the_client") for _ in range(20)]
            assert [call.result(SOON) for call in calls] == [None] * 20, "nested ones do not wait"
    assert alone.result() == 1


def test_flushing_without_a_connection_has_nothing_to_wait_for(serving):
    client = serving.client()
    client.flush(0)
    with pytest.raises(callgate.InvalidArgument):
        client.flush(-1)


def test_a_host_lists_its_connections(serving):
    host = serving.host({"ISession": Session}, start=False)
    assert host.connections == []
    host.start()
    clients = [serving.client() for _ in range(3)]
    for client in clients:
        client.wait_connected(SOON)
    listed = host.connections
    assert {one.id for one in listed} == {client.connection.id for client in clients}
    assert all(one.is_open and one.generation == 1 for one in listed)
    host.close()
    assert host.connections == []
    assert not any(one.is_open for one in listed)


def test_a_connection_is_flushed_from_either_side(serving):
    host = serving.host({"ISession": Session})
    client = serving.client()
    session = client.proxy("ISession")
    for line in range(200):
        session.note.one_way(line)
    client.connection.flush()
    (connection,) = host.connections
    connection.flush(timeout=SOON)
    assert session.noted() == list(range(200))
    with pytest.raises(callgate.InvalidArgument):
        connection.flush(-1)
