"""Programs exit with their own return code and without output, whatever they leave open."""

import subprocess
import sys
import textwrap

import pytest

# The beginning of programs: a host that serves ITest.
SERVING = """
import asyncio, os, sys, threading, callgate

class Test:
    def echo(self, value):
        return value
    def back(self, value):
        connection = callgate.current_call().connection
        return connection.proxy("IBack").echo(value)
    def leave(self):
        sys.exit(3)
    def stop(self):
        os._exit(9)
    def stop_in_callback(self):
        callgate.current_call().connection.proxy("IBack").stop()
    async def doze(self):
        await asyncio.sleep(1000)

host = callgate.Host(sys.argv[1])
host.add("ITest", Test)
host.start()
"""

# An open host; an open client with calls in threads and in the background, in both directions; and
# clients and a host that were just garbage-collected.
BUSY = """
def keep_calling(proxy):
    try:
        while True:
            proxy.echo(b"x" * 1000)
            proxy.back(1)
    except (callgate.Closed, callgate.RemoteError):
        pass  # RemoteError if the host's callback was interrupted.

client = callgate.Client(
    sys.argv[1],
    callbacks={"IBack": Test()},
    on_connected=lambda connection: None,
    on_disconnected=lambda connection, error: None,
)
proxy = client.proxy("ITest")
proxy.echo(1)
for _ in range(2):
    threading.Thread(target=keep_calling, args=(proxy,), daemon=True).start()

def let_go():
    for _ in range(2):
        left = callgate.Client(sys.argv[1], callbacks={"IBack": Test()})
        other = left.proxy("ITest")
        other.back(b"x" * 100_000)
        for _ in range(4):
            other.echo.one_way(b"x" * 100_000)
            other.echo.start(1)
    callgate.Host(sys.argv[1] + "-other").start()

let_go()
for n in range(20):
    proxy.back.start(n)
    proxy.doze.start()
    proxy.echo.one_way(n)
"""

LET_GO_IN_CALLBACK = """
inside = threading.Event()

def connected(connection):
    global client
    client = None
    inside.set()

client = None
client = callgate.Client(sys.argv[1], on_connected=connected)
inside.wait()
"""

CLOSED_IN_CALLBACK = """
inside = threading.Event()

def disconnected(connection, error):
    client.close()
    inside.set()

client = callgate.Client(sys.argv[1], on_disconnected=disconnected)
client.wait_connected()
client.connection.close()
inside.wait()
"""

SUB_INTERPRETER = """
import textwrap
try:
    import _xxsubinterpreters as interpreters
except ImportError:
    sys.exit("no interpreters")
code = '''
try:
    import callgate
except ImportError as error:
    assert "main interpreter" in str(error), error
else:
    raise AssertionError("it was imported")
'''
interpreter = interpreters.create()
interpreters.run_string(interpreter, f"import sys; sys.path[:] = {sys.path!r}\\n{code}")
interpreters.destroy(interpreter)
"""


def run(program, pipe):
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-c", SERVING + textwrap.dedent(program), pipe],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60,
    )


def check(program, pipe, code=0):
    ended = run(program, pipe)
    assert (ended.returncode, ended.stdout) == (code, "")


@pytest.fixture
def exits(request):
    return request.config.getoption("--exits")


def test_a_busy_program_ends_many_times(exits, pipe, patient_watchdog):
    for _ in range(exits):
        check(BUSY, pipe)


@pytest.mark.parametrize(
    "program", [LET_GO_IN_CALLBACK, CLOSED_IN_CALLBACK], ids=["let go", "closed"]
)
def test_what_ends_in_a_callback_is_waited_for(program, pipe):
    for _ in range(5):
        check(program, pipe)


def test_a_program_ends_with_its_own_return_code(pipe):
    check(BUSY + "sys.exit(7)", pipe, 7)
    check(BUSY + "os._exit(8)", pipe, 8)


def test_a_method_cannot_end_the_program(pipe):
    check(
        """
        try:
            callgate.Client(sys.argv[1]).proxy("ITest").leave()
        except callgate.RemoteError as error:
            assert error.type_name == "SystemExit"
        """,
        pipe,
    )


@pytest.mark.parametrize("method", ["stop", "stop_in_callback"])
def test_a_method_may_end_the_process_at_once(method, pipe):
    check(BUSY + f"proxy.{method}()", pipe, 9)


def test_another_interpreter_of_the_process_is_refused(pipe):
    ended = run(SUB_INTERPRETER, pipe)
    if ended.stdout == "no interpreters\n":
        pytest.skip("this Python has no interpreters within interpreters")
    assert (ended.returncode, ended.stdout) == (0, "")
