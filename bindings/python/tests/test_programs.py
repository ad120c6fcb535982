"""Programs in Python and in C call each other."""

import os
import subprocess
import sys
import textwrap

import pytest
from conftest import PACKAGE

import callgate

PYTHON_HOST = [sys.executable, PACKAGE / "examples" / "calculator_host.py"]
PYTHON_CLIENT = [sys.executable, PACKAGE / "examples" / "calculator_client.py"]


@pytest.fixture(params=["python", "c"])
def host(request, program, pipe):
    """The host of a calculator, over a pipe and over TCP."""
    if request.param == "python":
        command = PYTHON_HOST
    else:
        command = [request.getfixturevalue("c_example")("calculator_host")]
    return program(command, pipe, "tcp://127.0.0.1:0")


@pytest.fixture(params=["pipe", "tcp"])
def endpoint(request, host):
    return host.endpoints[("pipe", "tcp").index(request.param)]


def run(command, endpoint):
    return subprocess.run(
        [*map(str, command), endpoint], stdout=subprocess.PIPE, text=True, check=True
    ).stdout


def test_a_python_program_calls_a_host(host, endpoint):
    with callgate.Client(endpoint) as client:
        calculator = client.proxy("ICalculator")
        assert calculator.Add(1, 2) == 3
        with pytest.raises(callgate.RemoteError, match="DivideByZero") as caught:
            calculator.Divide(1, 0)
        assert caught.value.message == "cannot divide by zero"
        for wrong in [
            lambda: calculator.Add("one", 2),
            lambda: calculator.Add(1),
            lambda: calculator.Subtract(2, 1),
        ]:
            with pytest.raises(callgate.ContractMismatch):
                wrong()
        calculator.Log.one_way("from the test")
    assert "log: from the test\n" in host.end()


def test_the_examples_agree(host, endpoint, c_example):
    printed = run(PYTHON_CLIENT, endpoint).splitlines()
    in_c = run([c_example("calculator_client")], endpoint).splitlines()
    assert [line.split(":")[:2] for line in printed] == [line.split(":")[:2] for line in in_c]
    assert printed[0] == "Add: 3"
    logged = host.end()
    assert logged.count("log: the client says goodbye\n") == 2


def test_a_host_that_dies_faults_its_calls(pipe, program):
    script = """
        import sys, callgate
        class Dying:
            def die(self):
                import os
                os._exit(0)
        host = callgate.Host(sys.argv[1])
        host.add("ITest", Dying)
        host.start()
        print("listening on", host.endpoints[0], flush=True)
        sys.stdin.read()
    """
    host = program([sys.executable, "-c", textwrap.dedent(script)], pipe)
    with callgate.Client(host.endpoints[0]) as client, pytest.raises(
        callgate.ChannelFaulted
    ) as caught:
        client.proxy("ITest").die()
    assert caught.value.execution == callgate.Execution.UNKNOWN


# A program that exits with an open client and host, started calls, and a thread in a call.
LEFT_OPEN = """
import sys, threading, callgate
class Echo:
    def echo(self, value):
        return value
    def wait(self):
        inside.set()
        ended.wait()
inside, ended = threading.Event(), threading.Event()
host = callgate.Host(sys.argv[1])
host.add("ITest", Echo())
host.on_client_disconnected(lambda connection, reason: ended.set())
host.start()
client = callgate.Client(sys.argv[1])
proxy = client.proxy("ITest")
proxy.echo(1)
def call():
    try:
        proxy.wait()
    except callgate.Closed:
        pass
threading.Thread(target=call, daemon=True).start()
inside.wait()
for n in range(20):
    proxy.echo.one_way(n)
"""


def test_a_program_may_end_with_all_left_open(pipe):
    for _ in range(20):
        ended = subprocess.run(
            [sys.executable, "-c", LEFT_OPEN, pipe],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert (ended.returncode, ended.stdout) == (0, "")


def test_a_method_that_runs_at_exit_is_waited_for(pipe):
    script = """
import sys, threading, time, callgate
inside = threading.Event()
class Slow:
    def work(self):
        inside.set()
        while threading.main_thread().is_alive():
            time.sleep(0.01)
        time.sleep(0.5)
        print("done", flush=True)
limits = callgate.Limits(drain_timeout=0.05)
host = callgate.Host(sys.argv[1], limits=limits)
host.add("ITest", Slow())
host.start()
client = callgate.Client(sys.argv[1], limits=limits)
client.proxy("ITest").work.one_way()
inside.wait()
"""
    ended = subprocess.run(
        [sys.executable, "-c", script, pipe],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert (ended.returncode, ended.stdout) == (0, "done\n")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_child_of_a_fork_may_end(pipe):
    script = """
import os, sys, callgate
host = callgate.Host(sys.argv[1])
host.add("ITest", [])
host.start()
client = callgate.Client(sys.argv[1])
proxy = client.proxy("ITest")
proxy.append(1)
child = os.fork()
if child:
    status = os.waitpid(child, 0)[1]
    proxy.append(2)
    print("status", status)
else:
    for attempt in (lambda: proxy.append(3), client.wait_connected, host.close):
        try:
            attempt()
            print("the parent's object did something")
        except callgate.Forked:
            pass
    own = callgate.Host(sys.argv[1] + "-child")
    own.add("ITest", [])
    own.start()
    callgate.Client(sys.argv[1] + "-child").proxy("ITest").append(4)
"""
    ended = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script, pipe],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert (ended.returncode, ended.stdout) == (0, "status 0\n")


def test_a_missing_library_is_reported_with_its_remedy(tmp_path):
    environment = dict(os.environ, CALLGATE_LIBRARY=str(tmp_path / "none.so"))
    ended = subprocess.run(
        [sys.executable, "-c", "import callgate"],
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    )
    assert ended.returncode == 1
    assert "none.so" in ended.stderr
    assert "cargo build" in ended.stderr
