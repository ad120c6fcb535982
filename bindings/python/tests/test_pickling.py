"""Pickling and copying: proxies can be pickled, other objects cannot."""

import copy
import gc
import multiprocessing
import os
import pickle
from dataclasses import asdict, dataclass
from typing import Any, Protocol

import pytest

import callgate

SOON = 60


class HostGone(Exception):
    pass


class Refused(Exception):
    pass


class ITravel(Protocol):
    def Who(self) -> int: ...

    def Name(self) -> str: ...

    def Fail(self) -> None: ...

    def Metadata(self) -> dict: ...


class Traveller:
    def __init__(self):
        self.name = ""

    def Who(self):
        return os.getpid()

    def LogIn(self, name):
        self.name = name

    def Name(self):
        return self.name

    def Fail(self):
        raise Refused("no")

    def Metadata(self):
        return callgate.current_call().metadata

    def Clients(self):
        return callgate.current_call().connection.peer_pid


def log_in(session):
    session.LogIn("me")


@pytest.fixture
def elsewhere():
    """Runs functions of this module in another process."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        yield lambda function, *arguments: pool.apply_async(function, arguments).get(SOON)


@pytest.fixture
def host(serving):
    return serving.host({"ITravel": Traveller})


def use(proxy):
    return [os.getpid(), proxy.Who(), dict(proxy.Metadata())]


def call(method, *arguments):
    return method(*arguments)


def fail(proxy):
    try:
        proxy.Fail()
    except Refused as error:
        return str(error)


def fault(proxy):
    try:
        proxy.Who()
    except HostGone as error:
        return str(error)


def share(first, second):
    first.Who()
    second.Who()
    ids = [each._handle.owner.connection.id for each in (first, second)]
    ids.append(pickle.loads(pickle.dumps(first))._handle.owner.connection.id)
    return len(set(ids))


@pytest.mark.parametrize("interface", ["ITravel", ITravel])
def test_a_proxy_works_in_another_process(host, serving, elsewhere, interface):
    client = serving.client()
    proxy = callgate.with_options(client.proxy(interface), metadata={"a": "b"}, timeout=SOON)
    theirs, who, metadata = elsewhere(use, proxy)
    assert theirs != os.getpid()
    assert (who, metadata) == (os.getpid(), {"a": "b"})
    assert proxy.Who() == os.getpid(), "the original goes on"


@pytest.mark.parametrize("interface", ["ITravel", ITravel])
def test_a_method_works_in_another_process(host, serving, elsewhere, interface):
    assert elsewhere(call, serving.client().proxy(interface).Who) == os.getpid()


def test_exceptions_and_the_faulted_class_travel_along(host, serving, elsewhere):
    client = serving.client(exceptions={"test_pickling.Refused": Refused})
    assert elsewhere(fail, client.proxy(ITravel)) == "no"
    nowhere = serving.client(serving.endpoint + "-nowhere", connection_timeout=0.01)
    assert elsewhere(fault, nowhere.proxy(ITravel, faulted=HostGone))


def test_an_initialisation_routine_travels_as_functions_do(host, serving, elsewhere):
    client = serving.client()
    assert elsewhere(call, client.proxy("ITravel", log_in).Name) == "me"
    with pytest.raises(TypeError, match="initialisation routine.*function of a module"):
        pickle.dumps(client.proxy("ITravel", lambda session: session.LogIn("me")))


def test_proxies_of_one_client_share_one_there(host, serving, elsewhere):
    client = serving.client()
    assert elsewhere(share, client.proxy("ITravel"), client.proxy("ITravel")) == 1


def test_an_unpickled_proxy_has_a_client_that_ends_with_it(host, serving):
    serving.client().wait_connected()
    copied = pickle.loads(pickle.dumps(serving.client().proxy("ITravel")))
    assert copied.Who() == os.getpid()
    client = copied._handle.owner
    other = pickle.loads(pickle.dumps(copied))
    assert other._handle.owner is client
    connection = client.connection
    del copied, other, client
    gc.collect()
    assert eventually(lambda: not connection.is_open)


def eventually(ask):
    done = multiprocessing.Event()
    for _ in range(SOON * 100):
        if ask():
            return True
        done.wait(0.01)
    return False


@pytest.mark.parametrize("interface", ["ITravel", ITravel])
def test_a_copy_is_the_proxy_itself(host, serving, interface):
    proxy = serving.client().proxy(interface)

    @dataclass
    class Held:
        proxy: Any

    for copied in (copy.copy(proxy), copy.deepcopy(proxy), asdict(Held(proxy))["proxy"]):
        assert copied is proxy
    assert copy.deepcopy(proxy.Who)() == os.getpid()
    gc.collect()
    assert proxy.Who() == os.getpid()


class Callback:
    def __init__(self, callback):
        self.callback = callback

    def Try(self):
        with pytest.raises(TypeError) as caught:
            pickle.dumps(self.callback)
        assert copy.copy(self.callback) is self.callback
        return str(caught.value)


def test_a_callback_proxy_stays(serving):
    host = serving.host(start=False)
    host.add_duplex_delegate_factory("ITest", "ICallback", Callback)
    host.start()
    client = serving.client(callbacks={"ICallback": Traveller()})
    assert "ends with its connection" in client.proxy("ITest").Try()
    with pytest.raises(TypeError, match="callbacks.*create a callgate.Client"):
        pickle.dumps(client.proxy("ITest"))


def test_what_belongs_to_its_process_says_what_to_do(host, serving):
    client = serving.client()
    client.wait_connected()
    for it, words in [
        (client, "a Client .*its proxies"),
        (host, "a Host .*create one there"),
        (client.connection, "a Connection .*neither pickled nor copied"),
        (callgate.CancelToken(), "a CancelToken .*create a token in each process"),
        (client.proxy("ITravel")._handle, "neither pickled nor copied"),
        (
            callgate.with_options(client.proxy(ITravel), cancel=callgate.CancelToken()),
            "CancelToken",
        ),
    ]:
        with pytest.raises(TypeError, match=words):
            pickle.dumps(it)
    for it in (client, host, client.connection):
        with pytest.raises(TypeError, match="neither pickled nor copied"):
            copy.deepcopy(it)


def test_a_served_call_stays(serving):
    class Keeping:
        def Keep(self):
            try:
                pickle.dumps(callgate.current_call())
            except TypeError as error:
                return str(error)

    assert "a Call belongs to its process" in serving.proxy(Keeping()).Keep()
