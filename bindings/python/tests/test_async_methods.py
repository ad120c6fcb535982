"""Async methods: many at once, without a thread each; cancelled with their calls."""

import asyncio
import logging
import subprocess
import sys
import threading
from contextlib import suppress

import pytest

import callgate

SOON = 60


class Service:
    def __init__(self):
        self.waiting = 0
        self.all_wait = None
        self.cancelled = threading.Event()
        self.begun = threading.Event()

    async def Double(self, number):
        await asyncio.sleep(0)
        return 2 * number

    async def Meet(self, count):
        """Returns when a number of its calls are running."""
        # Created here, since in Python 3.8 an event belongs to the loop that creates it.
        self.all_wait = self.all_wait or asyncio.Event()
        self.waiting += 1
        if self.waiting == count:
            self.all_wait.set()
        await self.all_wait.wait()
        return threading.current_thread().name

    async def Wait(self):
        self.begun.set()
        try:
            await asyncio.sleep(SOON)
        except asyncio.CancelledError:
            self.cancelled.set()
            raise

    async def Stubborn(self):
        self.begun.set()
        try:
            await asyncio.sleep(SOON)
        except asyncio.CancelledError:
            return "all the same"

    async def Who(self):
        await asyncio.sleep(0)
        call = callgate.current_call()
        return [call.interface, call.method, call.connection.generation]

    async def CallBack(self, number):
        callback = callgate.current_call().connection.proxy("ICallback")
        return await callback.Double.aio(number)

    async def Fail(self):
        await asyncio.sleep(0)
        raise LookupError("not here")

    async def Odd(self):
        return object()

    def Loop(self):
        async def running():
            return id(asyncio.get_running_loop())

        return running()


@pytest.fixture
def service():
    return Service()


@pytest.fixture
def proxy(service, serving):
    serving.host({"ITest": service})
    return serving.client(callbacks={"ICallback": service}).proxy("ITest")


def test_an_async_method_answers(proxy):
    assert proxy.Double(21) == 42
    assert proxy.Double.start(2).result(SOON) == 4
    assert proxy.Who() == ["ITest", "Who", 1]
    proxy.Double.one_way(1)


def test_many_run_at_once_in_one_thread(proxy):
    # Far more than there could be if each held a running slot or a thread.
    count = 500
    names = [future.result(SOON) for future in [proxy.Meet.start(count) for _ in range(count)]]
    assert set(names) == {"callgate-loop"}


def test_callbacks_may_be_async(proxy):
    assert proxy.CallBack(4) == 8


def test_an_exception_is_carried(proxy):
    with pytest.raises(callgate.RemoteError, match="not here") as caught:
        proxy.Fail()
    assert caught.value.type_name == "LookupError"
    with pytest.raises(callgate.ContractMismatch, match="the result of ITest.Odd"):
        proxy.Odd()


def cancel_by_token(proxy, service, client):
    token = callgate.CancelToken()
    future = threading.Thread(target=lambda: service.begun.wait(SOON) and token.cancel())
    future.start()
    with pytest.raises(callgate.Cancelled):
        proxy.call("Wait", cancel=token)
    future.join()


def cancel_by_future(proxy, service, client):
    future = proxy.Wait.start()
    assert service.begun.wait(SOON)
    assert future.cancel()


def cancel_by_deadline(proxy, service, client):
    while not service.begun.is_set():  # The deadline may pass before the method begins.
        with pytest.raises(callgate.TimedOut):
            proxy.call("Wait", timeout=0.1)


def cancel_by_closing(proxy, service, client):
    proxy.Wait.start()
    assert service.begun.wait(SOON)
    client.close()


@pytest.mark.parametrize(
    "cancel", [cancel_by_token, cancel_by_future, cancel_by_deadline, cancel_by_closing]
)
def test_cancelling_a_call_cancels_its_task(serving, service, cancel):
    serving.host({"ITest": service})
    client = serving.client()
    cancel(client.proxy("ITest"), service, client)
    assert service.cancelled.wait(SOON)


def test_closing_the_host_cancels_tasks(serving, service):
    host = serving.host({"ITest": service}, limits=callgate.Limits(drain_timeout=0.1))
    future = serving.client().proxy("ITest").Wait.start()
    assert service.begun.wait(SOON)
    with suppress(callgate.TimedOut):  # The task may still be ending.
        host.close()
    assert service.cancelled.wait(SOON)
    with pytest.raises(callgate.Error):
        future.result(SOON)


def test_the_program_may_give_its_own_loop(pipe):
    async def main():
        loop = asyncio.get_running_loop()
        async with callgate.Host(pipe, loop=loop) as host:
            host.add("ITest", Service)
            host.start()
            async with callgate.Client(pipe) as client:
                proxy = client.proxy("ITest")
                assert await proxy.Loop.aio() == id(loop)
                doubled = [proxy.Double.aio(n) for n in range(100)]
                assert await asyncio.gather(*doubled) == [2 * n for n in range(100)]

    asyncio.run(main())


def test_a_loop_that_is_closed_fails_calls(serving, service):
    loop = asyncio.new_event_loop()
    loop.close()
    host = serving.host(start=False, loop=loop)
    host.add("ITest", service)
    host.start()
    with pytest.raises(callgate.RemoteError, match="closed"):
        serving.client().proxy("ITest").Double(1)


EXITING = """
import asyncio, logging, sys, threading, callgate
begun = threading.Event()
class Test:
    async def Wait(self):
        begun.set()
        await asyncio.sleep(1000)
    async def Forget(self):
        asyncio.get_running_loop().create_task(asyncio.sleep(1000))
log = logging.getLogger("test") if sys.argv[2] == "log" else None
host = callgate.Host(sys.argv[1], log=log)
host.add("ITest", Test())
host.start()
client = callgate.Client(sys.argv[1])
proxy = client.proxy("ITest")
proxy.Forget()
proxy.Wait.start()
proxy.Wait.one_way()
begun.wait()
"""

EXITING_WITH_ITS_LOOP = """
import asyncio, logging, sys, callgate
class Test:
    async def Wait(self):
        begun.set()
        await asyncio.sleep(1000)
log = logging.getLogger("test") if sys.argv[2] == "log" else None
async def main():
    global begun, host, client
    begun = asyncio.Event()
    host = callgate.Host(sys.argv[1], loop=asyncio.get_running_loop(), log=log)
    host.add("ITest", Test())
    host.start()
    client = callgate.Client(sys.argv[1])
    client.proxy("ITest").Wait.one_way()
    await begun.wait()
asyncio.run(main())
"""


@pytest.mark.parametrize("log", ["log", "no log"])
@pytest.mark.parametrize("program", [EXITING, EXITING_WITH_ITS_LOOP], ids=["thread", "own loop"])
def test_a_program_ends_while_async_methods_run(pipe, program, log):
    for _ in range(3):
        ended = subprocess.run(
            [sys.executable, "-W", "error", "-c", program, pipe, log],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=SOON,
        )
        assert (ended.returncode, ended.stdout) == (0, "")


def test_a_task_that_the_program_cancels_is_an_error(serving):
    class Cancelling:
        async def Work(self):
            asyncio.current_task().cancel()
            await asyncio.sleep(SOON)

    with pytest.raises(callgate.RemoteError) as caught:
        serving.proxy(Cancelling()).Work()
    assert caught.value.type_name.endswith("CancelledError")


def test_a_one_way_task_that_is_cancelled_is_logged_for_debugging_alone(serving, caplog):
    ended = threading.Event()

    class Cancelling:
        async def Work(self):
            task = asyncio.current_task()
            asyncio.get_running_loop().call_soon(task.cancel)
            task.add_done_callback(lambda _: ended.set())
            await asyncio.sleep(SOON)

    caplog.set_level(logging.DEBUG, "callgate")
    proxy = serving.proxy(Cancelling())
    proxy.Work.one_way()
    assert ended.wait(SOON)
    (record,) = [each for each in caplog.records if each.name == "callgate"]
    assert record.levelno == logging.DEBUG
    assert record.getMessage() == "one-way call ITest.Work was cancelled"
