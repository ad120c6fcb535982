"""Hosts, clients and proxies that nobody refers to any more, while their calls run."""

import gc
import threading

import callgate


class Waiter:
    def __init__(self):
        self.began = threading.Event()
        self.released = threading.Event()

    def Wait(self):
        self.began.set()
        assert self.released.wait(60)
        return "done"


class Relay:
    def Go(self):
        return callgate.current_call().connection.proxy("IWaiter").Wait()


def collected():
    # Objects that refer to one another are collected in turn.
    for _ in range(3):
        gc.collect()


def test_a_started_call_keeps_its_forgotten_client(serving):
    waiter = Waiter()
    serving.host({"IWaiter": waiter})

    started = callgate.Client(serving.endpoint).proxy("IWaiter").Wait.start()
    assert waiter.began.wait(60)
    collected()
    waiter.released.set()
    assert started.result(60) == "done"


def test_a_proxy_keeps_its_forgotten_client(serving):
    waiter = Waiter()
    serving.host({"IWaiter": waiter})
    results = []

    def call():
        results.append(callgate.Client(serving.endpoint).proxy("IWaiter").Wait())

    caller = threading.Thread(target=call)
    caller.start()
    assert waiter.began.wait(60)
    collected()
    waiter.released.set()
    caller.join()
    assert results == ["done"]


def test_a_callback_runs_to_its_end_when_its_client_is_forgotten(serving):
    waiter = Waiter()
    serving.host({"IRelay": Relay()})
    client = callgate.Client(serving.endpoint, callbacks={"IWaiter": waiter})
    waiter.client = client
    started = client.proxy("IRelay").Go.start()
    assert waiter.began.wait(60)
    released = waiter.released
    del client, waiter
    collected()
    released.set()
    assert started.result(60) == "done"


def test_a_host_that_is_forgotten_closes_and_ends_its_calls(serving):
    waiter = Waiter()
    host = callgate.Host(serving.endpoint)
    host.add("IWaiter", waiter)
    host.start()
    started = serving.client().proxy("IWaiter").Wait.start()
    assert waiter.began.wait(60)
    del host
    collected()
    assert isinstance(started.exception(60), callgate.Closed)
    waiter.released.set()


def test_collections_beside_forgotten_clients_that_call(serving):
    serving.host({"ITest": [7]})
    ended = threading.Event()

    def call():
        while not ended.is_set():
            assert callgate.Client(serving.endpoint).proxy("ITest").count(7) == 1

    callers = [threading.Thread(target=call) for _ in range(3)]
    for caller in callers:
        caller.start()
    for _ in range(50):
        gc.collect()
    ended.set()
    for caller in callers:
        caller.join()
