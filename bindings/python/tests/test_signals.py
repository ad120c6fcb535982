"""Signals that arrive while the main thread waits in a call."""

import os
import signal
import subprocess
import sys
import threading

import pytest

# The main thread, and what it can wait for.
PREPARE = """
import callgate, os, sys
def say(what):
    os.write(1, f"{what}\\n".encode())  # whole lines, from whatever thread
class Waiting:
    def wait(self):
        say("waiting")
        callgate.current_call().wait_cancelled()
        say("cancelled")
host = callgate.Host(sys.argv[1])
host.add("ITest", Waiting())
host.start()
proxy = callgate.Client(sys.argv[1], call_timeout=None).proxy("ITest")
client = callgate.Client(sys.argv[1] + "-none", connection_timeout=60, call_timeout=None)
absent = client.proxy("ITest")
token = callgate.CancelToken()
def waiting():
    say("waiting")
    return absent
"""

INTERRUPTED = """
try:
    {wait}
except KeyboardInterrupt:
    say("interrupted")
say(token.is_cancelled)
"""


@pytest.mark.parametrize(
    ("wait", "started"),
    [
        ("proxy.wait()", True),
        ("proxy.call('wait', cancel=token)", True),
        ("waiting().wait()", False),
        ("waiting().wait.one_way()", False),
    ],
)
def test_ctrl_c_ends_a_call(pipe, wait, started):
    script = PREPARE + INTERRUPTED.format(wait=wait)
    process = subprocess.Popen(
        [sys.executable, "-c", script, pipe], stdout=subprocess.PIPE, universal_newlines=True
    )
    assert process.stdout.readline() == "waiting\n"
    process.send_signal(signal.SIGINT)
    printed, _ = process.communicate()
    assert process.returncode == 0
    expected = ["False", "interrupted"] + ["cancelled"] * started
    assert sorted(printed.splitlines(), key=str.lower) == sorted(expected, key=str.lower)


class Gate:
    def __init__(self):
        self.opened = threading.Event()

    def enter(self):
        os.kill(os.getpid(), signal.SIGUSR1)
        return self.opened.wait(60)

    def echo(self, value):
        return value


@pytest.fixture
def on_signal():
    """Sets the handler of a signal, for one test."""
    before = signal.getsignal(signal.SIGUSR1)
    yield lambda handler: signal.signal(signal.SIGUSR1, lambda *_: handler())
    signal.signal(signal.SIGUSR1, before)


def test_a_handler_that_returns_runs_during_a_call_and_disturbs_nothing(serving, on_signal):
    gate = Gate()
    proxy = serving.proxy(gate)

    def handle():
        assert proxy.echo("in the handler") == "in the handler"
        gate.opened.set()

    on_signal(handle)
    assert proxy.enter() is True


def test_what_a_handler_raises_ends_the_call(serving, on_signal):
    gate = Gate()
    proxy = serving.proxy(gate)

    def handle():
        raise LookupError("enough")

    on_signal(handle)
    for _ in range(3):
        with pytest.raises(LookupError, match="enough"):
            proxy.enter()
        assert proxy.echo(1) == 1
    gate.opened.set()


def test_a_call_in_a_handler_is_interruptible_too(serving, on_signal):
    gate = Gate()
    proxy = serving.proxy(gate)
    depth = []

    def handle():
        depth.append(1)
        if len(depth) == 3:
            gate.opened.set()
            raise LookupError("deep")
        proxy.enter()

    on_signal(handle)
    with pytest.raises(LookupError, match="deep"):
        proxy.enter()
    assert len(depth) == 3


def test_signals_leave_calls_of_other_threads_alone(serving, on_signal):
    gate = Gate()
    proxy = serving.proxy(gate)
    handled = []
    on_signal(lambda: handled.append(threading.current_thread()))
    results = []
    caller = threading.Thread(target=lambda: results.append(proxy.enter()))
    caller.start()
    while not handled:
        proxy.echo(1)
    gate.opened.set()
    caller.join()
    assert results == [True]
    assert handled == [threading.main_thread()]
