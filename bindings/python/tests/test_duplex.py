"""Calls in both directions, aliases, cancellation, and host_user."""

import os
import pwd
import queue
import subprocess
import sys
import threading
import time

import pytest
from conftest import PACKAGE, REDGATE_HOST

import callgate

SOON = 60


class Doubler:
    """A callback that the client serves."""

    def double(self, value):
        return 2 * value

    def fail(self):
        raise ValueError("no")

    def who(self):
        call = callgate.current_call()
        return [call.interface, call.connection.peer_pid]


class Service:
    """Calls its caller back."""

    def __init__(self, callback):
        self.callback = callback

    def run(self, method, *arguments):
        return self.callback.call(method, *arguments)


@pytest.fixture
def duplex(serving):
    """A proxy of a service that calls back."""
    host = serving.host(start=False)
    host.add_duplex_delegate_factory("ITest", "ICallback", Service)
    host.start()
    return serving.client(callbacks={"ICallback": Doubler()}).proxy("ITest")


def test_the_host_calls_back_within_a_call(duplex):
    assert [duplex.run("double", n) for n in range(5)] == [0, 2, 4, 6, 8]
    assert duplex.run("who") == ["ICallback", os.getpid()]
    with pytest.raises(callgate.RemoteError, match="ValueError: no"):
        duplex.run("fail")
    with pytest.raises(callgate.ContractMismatch, match="none"):
        duplex.run("none")


def test_the_callback_is_used_in_the_factory_and_kept(serving):
    kept = queue.Queue()

    def make(callback, connection):
        assert connection.is_open
        assert callback.double(1) == 2
        kept.put(callback)
        return Service(callback)

    host = serving.host(start=False)
    host.add_duplex_delegate_factory("ITest", "ICallback", make)
    host.start()
    client = serving.client(callbacks={"ICallback": Doubler()})
    assert client.proxy("ITest").run("double", 2) == 4
    callback = kept.get(timeout=SOON)
    assert callback.double(21) == 42
    client.close()
    with pytest.raises(callgate.ChannelFaulted):
        callback.double(1)


def test_a_duplex_factory_that_fails_or_has_none(serving):
    host = serving.host(start=False)
    host.add_duplex_delegate_factory("IFails", "ICallback", lambda callback: 1 / 0)
    host.add_duplex_delegate_factory("INone", "ICallback", lambda callback: None)
    with pytest.raises(callgate.InvalidArgument, match="INone"):
        host.add_duplex_delegate_factory("INone", "IOther", Service)
    host.start()
    client = serving.client(callbacks={"ICallback": Doubler()})
    with pytest.raises(callgate.RemoteError, match="ZeroDivisionError"):
        client.proxy("IFails").run()
    with pytest.raises(callgate.ContractMismatch, match="INone"):
        client.proxy("INone").run()


def test_a_callback_is_used_10_seconds_after_the_call_that_brought_it(program, serving, pipe):
    class Callback:
        def Double(self, number):
            return 2 * number

    host = program(REDGATE_HOST, pipe)
    client = serving.client(callbacks={"ICallback": Callback()})
    assert client.proxy("IDuplex").Run(1) == [200, 2]
    begun = time.monotonic()
    assert host.ask("call back", [21, 10]) == 42
    assert time.monotonic() - begun >= 10
    assert client.connection.generation == 1


def test_calls_nest(serving):
    class Down:
        def __init__(self, other):
            self.other = other

        def down(self, depth):
            return 1 + self.other.down(depth - 1) if depth else 0

    class Up:
        def down(self, depth):
            service = callgate.current_call().connection.proxy("ITest")
            return 1 + service.down(depth - 1) if depth else 0

    host = serving.host(start=False)
    host.add_duplex_delegate_factory("ITest", "ICallback", Down)
    host.start()
    proxy = serving.client(callbacks={"ICallback": Up()}).proxy("ITest")
    assert proxy.down(20) == 20


def test_aliases_on_both_sides(serving):
    host = serving.host(start=False)
    host.add_interface_alias("Old.", "IElse")
    host.add_interface_alias("Old.ITest", "ITest")
    host.add_duplex_delegate_factory("ITest", "Old.ICallback", Service)
    host.start()
    client = serving.client(callbacks={"ICallback": Doubler()}, aliases={"Old.": "ICallback"})
    for name in ("ITest", "Old.ITest", "Old.ITestV2"):
        assert client.proxy(name).run("double", 4) == 8
    with pytest.raises(callgate.ContractMismatch, match="IElse"):
        client.proxy("Old.IWhat").run()


def test_a_host_of_another_user_is_refused(serving):
    serving.host({"ITest": Doubler()})
    mine = os.geteuid()
    assert serving.client(host_user=mine).proxy("ITest").double(1) == 2
    with pytest.raises(callgate.AccessDenied):
        serving.client(host_user=mine + 1).proxy("ITest").double(1)
    with pytest.raises(callgate.AccessDenied, match="TCP"):
        callgate.Client("tcp://127.0.0.1:1", host_user=mine)
    for unknown in (-1, "no such user"):
        with pytest.raises(callgate.InvalidArgument, match="there is no user"):
            callgate.Client("pipe://no-one", host_user=unknown)


def test_a_host_of_a_user_given_by_name_is_called(serving):
    serving.host({"ITest": Doubler()})
    client = serving.client()
    client.wait_connected()
    name = client.connection.peer_user_name
    assert name == pwd.getpwuid(os.geteuid()).pw_name
    assert serving.client(host_user=name).proxy("ITest").double(1) == 2


def test_a_call_is_cancelled_and_its_method_learns_of_it(serving):
    learnt = queue.Queue()
    token = callgate.CancelToken()

    class Waiting:
        def wait(self):
            call = callgate.current_call()
            learnt.put(call.is_cancelled)
            learnt.put(call.wait_cancelled(0))
            token.cancel()
            learnt.put(call.wait_cancelled(SOON))
            learnt.put(call.is_cancelled)

    proxy = serving.proxy(Waiting())
    assert not token.is_cancelled
    with pytest.raises(callgate.Cancelled) as caught:
        proxy.call("wait", cancel=token)
    assert caught.value.execution == callgate.Execution.UNKNOWN
    assert token.is_cancelled
    assert [learnt.get(timeout=SOON) for _ in range(4)] == [False, False, True, True]
    for call in (proxy.call, proxy.one_way):
        with pytest.raises(callgate.Cancelled) as caught:
            call("wait", cancel=token)
        assert caught.value.execution == callgate.Execution.NOT_RUN


def test_cancelling_ends_the_wait_for_a_host(pipe):
    token = callgate.CancelToken()
    with callgate.Client(pipe, connection_timeout=SOON) as client:
        proxy = client.proxy("ITest")
        threading.Timer(0.1, token.cancel).start()
        with pytest.raises(callgate.Cancelled) as caught:
            proxy.call("wait", cancel=token)
    assert caught.value.execution == callgate.Execution.NOT_RUN


@pytest.mark.parametrize(
    "limits",
    [
        callgate.Limits(spin=0),
        callgate.Limits(spin=None),
        callgate.Limits(spin=1e-3, reconnect_backoff_min=0.001, reconnect_backoff_max=0.002),
    ],
)
def test_limits_of_waiting(serving, limits):
    serving.host({"ITest": Doubler()}, limits=limits)
    assert serving.client(limits=limits).proxy("ITest").double(1) == 2


@pytest.mark.parametrize(
    "limits",
    [
        callgate.Limits(spin=-1),
        callgate.Limits(reconnect_backoff_min=0, reconnect_backoff_max=1),
        callgate.Limits(reconnect_backoff_min=2, reconnect_backoff_max=1),
        callgate.Limits(reconnect_backoff_min=1, reconnect_backoff_max=None),
        callgate.Limits(reconnect_backoff_min=1),
    ],
)
def test_limits_that_cannot_be(pipe, limits):
    with pytest.raises(callgate.InvalidArgument):
        callgate.Client(pipe, limits=limits)


@pytest.mark.parametrize("host_in", ["python", "c"])
@pytest.mark.parametrize("client_in", ["python", "c"])
def test_the_examples_report_progress(pipe, program, c_example, host_in, client_in):
    def command(name, language):
        if language == "c":
            return [c_example(name)]
        return [sys.executable, PACKAGE / "examples" / f"{name}.py"]

    host = program(command("duplex_host", host_in), pipe, "tcp://127.0.0.1:0")
    client = command("duplex_client", client_in)
    expected = [f"progress: {percent}%" for percent in (25, 50, 75, 100)] + ["Sum: 5050"]
    for endpoint in host.endpoints:
        ended = subprocess.run(
            [*map(str, client), endpoint], stdout=subprocess.PIPE, text=True, check=True
        )
        assert ended.stdout.splitlines() == expected
    assert host.end() == ""
