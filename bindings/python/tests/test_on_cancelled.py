"""Functions that run once the caller of a call no longer waits. The host is another process."""

import asyncio
import subprocess
import sys

import pytest

import callgate

HOST = """
import asyncio, sys, threading
import callgate

def report(text):
    print(text, flush=True)

class Service:
    def Wait(self):
        cancelled = threading.Event()
        callgate.current_call().on_cancelled(cancelled.set)
        report("begun")
        cancelled.wait()
        report("cancelled")

    def Raise(self):
        def fail():
            raise LookupError("not here")
        call = callgate.current_call()
        call.on_cancelled(fail)
        self.Wait()

    def Reply(self):
        callgate.current_call().on_cancelled(lambda: report("wrong"))
        report("begun")
        return 1

    def Late(self):
        call = callgate.current_call()
        report("begun")
        call.wait_cancelled()
        cancelled = threading.Event()
        call.on_cancelled(cancelled.set)
        cancelled.wait()
        report("cancelled")

    async def Async(self):
        report("begun")
        try:
            await asyncio.get_running_loop().create_future()
        except asyncio.CancelledError:
            report("cancelled")
            raise

    def Ping(self):
        return 1

with callgate.Host() as host:
    host.add_endpoint(sys.argv[1])
    host.add("IService", Service())
    host.start()
    report("ready")
    sys.stdin.read()
"""


@pytest.fixture
def host(pipe):
    command = [sys.executable, "-c", HOST, pipe]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    process = subprocess.Popen(command, text=True, **pipes)
    process.told = lambda: process.stdout.readline().strip()
    assert process.told() == "ready"
    yield process
    process.communicate()
    assert process.returncode == 0


METHODS = ["Wait", "Raise", "Late", "Async"]


@pytest.mark.parametrize("method", METHODS)
def test_a_cancel_runs_the_function(host, pipe, method):
    with callgate.Client(pipe) as client:
        token = callgate.CancelToken()
        call = client.proxy("IService").method(method, cancel=token, timeout=None).start()
        assert host.told() == "begun"
        token.cancel()
        assert host.told() == "cancelled"
        with pytest.raises(callgate.Cancelled):
            call.result()


@pytest.mark.parametrize("method", METHODS)
def test_a_deadline_runs_the_function(host, pipe, method):
    with callgate.Client(pipe) as client:
        call = client.proxy("IService").method(method, timeout=1).start()
        assert host.told() == "begun"
        assert host.told() == "cancelled"
        with pytest.raises(callgate.TimedOut):
            call.result()


@pytest.mark.parametrize("method", METHODS)
def test_the_end_of_the_connection_runs_the_function(host, pipe, method):
    with callgate.Client(pipe) as client:
        client.proxy("IService").method(method, timeout=None).start()
        assert host.told() == "begun"
    assert host.told() == "cancelled"


def test_a_method_that_has_returned_runs_no_function(host, pipe):
    with callgate.Client(pipe) as client:
        service = client.proxy("IService")
        assert service.Reply() == 1
        assert host.told() == "begun"
        # It ends the connection of the call that has its reply, and of one that has none.
        service.Wait.start()
        assert host.told() == "begun"
    assert host.told() == "cancelled"


def test_cancelling_an_awaited_call_cancels_the_task_of_its_method(host, pipe):
    async def cancel(client):
        task = asyncio.ensure_future(client.proxy("IService").Async.aio())
        loop = asyncio.get_running_loop()
        assert await loop.run_in_executor(None, host.told) == "begun"
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await loop.run_in_executor(None, host.told) == "cancelled"

    with callgate.Client(pipe) as client:
        asyncio.run(cancel(client))
