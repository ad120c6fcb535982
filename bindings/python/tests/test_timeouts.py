"""Timeouts, closing, and Ctrl-C."""

import signal
import subprocess
import sys
import threading

import pytest

import callgate
from callgate._timeouts import milliseconds


class Gate:
    """A method that waits until it is released."""

    def __init__(self):
        self.inside = threading.Event()
        self.open = threading.Event()

    def enter(self):
        self.inside.set()
        self.open.wait()
        return "through"


@pytest.fixture
def gate(serving):
    # After the tests, and before hosts are closed.
    gate = Gate()
    yield gate
    gate.open.set()


@pytest.mark.parametrize(
    ("timeout", "expected"),
    [
        (callgate.DEFAULT, 0),
        (None, -1),
        (0, -2),
        (1.5, 1500),
        (1e-9, 1),
        (float("inf"), 2**63 - 1),
    ],
)
def test_seconds_become_milliseconds(timeout, expected):
    assert milliseconds(timeout) == expected


@pytest.mark.parametrize("timeout", [-1, float("nan")])
def test_an_invalid_timeout_is_refused(serving, timeout):
    with pytest.raises(callgate.InvalidArgument, match="timeout"):
        serving.client().wait_connected(timeout)


def test_a_call_times_out_and_may_have_run(serving, gate):
    proxy = serving.proxy(gate)
    with pytest.raises(callgate.TimedOut) as caught:
        proxy.call("enter", timeout=0.3)
    assert isinstance(caught.value, callgate.ChannelFaulted)
    assert caught.value.execution == callgate.Execution.UNKNOWN


def test_a_client_has_a_call_timeout_of_its_own(serving, gate):
    proxy = serving.proxy(gate, call_timeout=0.3)
    with pytest.raises(callgate.TimedOut):
        proxy.enter()


def test_without_a_host_nothing_runs(serving):
    client = serving.client(connection_timeout=0.2)
    with pytest.raises(callgate.ChannelFaulted) as caught:
        client.proxy("ITest").enter()
    assert caught.value.execution == callgate.Execution.NOT_RUN
    with pytest.raises(callgate.ChannelFaulted):
        client.wait_connected(0.1)
    with pytest.raises(callgate.ChannelFaulted, match="not connected"):
        client.connection  # noqa: B018


def test_a_call_waits_for_the_host(serving, gate):
    gate.open.set()
    client = serving.client(connection_timeout=60)
    results = []
    caller = threading.Thread(target=lambda: results.append(client.proxy("ITest").enter()))
    caller.start()
    serving.host({"ITest": gate})
    caller.join()
    assert results == ["through"]


def test_closing_a_client_ends_its_calls(serving, gate):
    serving.host({"ITest": gate})
    client = serving.client()
    proxy = client.proxy("ITest")
    errors = []

    def enter():
        try:
            proxy.enter()
        except callgate.Error as error:
            errors.append(error)

    caller = threading.Thread(target=enter)
    caller.start()
    assert gate.inside.wait(60)
    client.close()
    caller.join()
    assert type(errors[0]) is callgate.Closed
    assert errors[0].execution == callgate.Execution.UNKNOWN
    client.close()
    with pytest.raises(callgate.Closed) as caught:
        proxy.enter()
    assert caught.value.execution == callgate.Execution.NOT_RUN


def test_closing_a_host_reports_that_a_method_still_runs(serving, gate):
    host = serving.host({"ITest": gate})
    client = serving.client()
    client.proxy("ITest").enter.one_way()
    assert gate.inside.wait(60)
    with pytest.raises(callgate.TimedOut):
        host.close(0.1)
    gate.open.set()
    host.close(60)
    host.wait(60)


def test_a_host_that_is_open_is_waited_for(serving):
    host = serving.host()
    with pytest.raises(callgate.TimedOut):
        host.wait(0.01)


@pytest.mark.parametrize(
    "wait",
    ["host.wait()", "callgate.Client('pipe://callgate-no-one').wait_connected(None)"],
)
def test_ctrl_c_ends_a_wait(pipe, wait):
    script = f"""
import callgate
with callgate.Host({pipe!r}) as host:
    host.start()
    try:
        print("waiting", flush=True)
        {wait}
    except KeyboardInterrupt:
        print("interrupted")
"""
    process = subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, universal_newlines=True
    )
    assert process.stdout.readline() == "waiting\n"
    process.send_signal(signal.SIGINT)
    printed, _ = process.communicate()
    assert printed == "interrupted\n"
    assert process.returncode == 0
