"""Started calls, and calls from asyncio."""

import asyncio
import concurrent.futures
import subprocess
import sys
import threading

import pytest

import callgate
from callgate._abi import handles

SOON = 60


class Served:
    def __init__(self):
        self.lines = []
        self.waiting = threading.Event()
        self.cancelled = threading.Event()
        self.released = threading.Event()

    def echo(self, value):
        return value

    def note(self, line):
        self.lines.append(line)

    def fail(self):
        raise ValueError("no")

    def wait(self):
        call = callgate.current_call()
        self.waiting.set()
        if call.wait_cancelled(SOON):
            self.cancelled.set()

    def block(self):
        return self.released.wait(SOON)

    def describe(self):
        call = callgate.current_call()
        return [call.signature, dict(call.metadata)]


@pytest.fixture
def served():
    return Served()


@pytest.fixture
def proxy(serving, served):
    return serving.proxy(served)


def started():
    """The objects that are kept for started calls."""
    tuples = [kept for kept in list(handles.user_data.values()) if isinstance(kept, tuple)]
    return [kept for kept in tuples if isinstance(kept[0], concurrent.futures.Future)]


def test_results_and_errors_are_those_of_the_future(proxy):
    futures = [proxy.echo.start(number) for number in range(50)]
    assert [future.result(SOON) for future in futures] == list(range(50))
    with pytest.raises(callgate.RemoteError, match="ValueError: no"):
        proxy.fail.start().result(SOON)
    with pytest.raises(callgate.ContractMismatch) as caught:
        proxy.method("missing").start().result(SOON)
    assert caught.value.execution == callgate.Execution.NOT_RUN


def test_what_cannot_be_sent_is_refused_at_once(proxy):
    with pytest.raises(callgate.InvalidArgument):
        proxy.echo.start(object())
    with pytest.raises(callgate.InvalidArgument):
        proxy.method("").start()
    assert started() == []


def test_options_go_along(proxy, served):
    options = {"signature": "s", "metadata": {"k": "v"}}
    assert proxy.method("describe", **options).start().result(SOON) == ["s", {"k": "v"}]
    assert asyncio.run(proxy.method("describe", **options).aio()) == ["s", {"k": "v"}]
    with pytest.raises(callgate.TimedOut):
        proxy.method("block", timeout=0.01).start().result(SOON)
    served.released.set()


def test_calls_are_sent_in_order_and_without_a_host(serving, pipe):
    served = Served()
    proxy = serving.client().proxy("ITest")
    futures = [proxy.note.start(number) for number in range(100)]
    assert not any(future.done() for future in futures)
    host = serving.host(start=False)
    host.add("ITest", served, ordered=True)
    host.start()
    concurrent.futures.wait(futures, SOON)
    assert served.lines == list(range(100))


def test_cancelling_the_future_cancels_the_call(proxy, served):
    future = proxy.wait.start()
    assert served.waiting.wait(SOON)
    assert future.cancel()
    assert served.cancelled.wait(SOON)
    done, _ = concurrent.futures.wait([future], SOON)
    assert done == {future}
    assert future.cancelled()


def test_a_callback_of_the_future_may_call(proxy):
    answers = concurrent.futures.Future()
    proxy.echo.start(1).add_done_callback(lambda done: answers.set_result(proxy.echo(2)))
    assert answers.result(SOON) == 2


def test_a_callback_that_raises_disturbs_nothing(proxy, caplog):
    for raised in (ValueError, SystemExit):
        second = concurrent.futures.Future()

        def fail(done, raised=raised):
            raise raised("a callback's own")

        future = proxy.echo.start(1)
        future.add_done_callback(fail)
        future.add_done_callback(second.set_result)
        assert second.result(SOON) is future
        assert proxy.echo(2) == 2
        assert "a callback's own" in caplog.text
        caplog.clear()


def test_nothing_is_kept_after_the_outcome(serving, served):
    serving.host({"ITest": served})
    with serving.client() as client:
        proxy = client.proxy("ITest")
        block = proxy.block.start()
        assert len(started()) == 1
        futures = [proxy.echo.start(b"x") for _ in range(20)]
        concurrent.futures.wait(futures, SOON)
        served.released.set()
        assert block.result(SOON) is True
    # Closing has waited for the completions.
    assert started() == []


def test_calls_from_asyncio(proxy):
    async def main():
        assert await proxy.echo.aio("one") == "one"
        numbers = [proxy.echo.aio(number) for number in range(20)]
        assert await asyncio.gather(*numbers) == list(range(20))
        with pytest.raises(callgate.RemoteError, match="ValueError: no"):
            await proxy.fail.aio()

    asyncio.run(main())


def test_cancelling_the_task_cancels_the_call(proxy, served):
    async def main():
        loop = asyncio.get_running_loop()
        task = asyncio.ensure_future(proxy.wait.aio())
        assert await loop.run_in_executor(None, served.waiting.wait, SOON)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await loop.run_in_executor(None, served.cancelled.wait, SOON)

    asyncio.run(main())


@pytest.mark.parametrize("early", [True, False])
def test_the_token_of_options_cancels_started_calls(proxy, served, early):
    token = callgate.CancelToken()
    if early:
        token.cancel()
    future = callgate.with_options(proxy, cancel=token).wait.start()
    if not early:
        assert served.waiting.wait(SOON)
        token.cancel()
        assert served.cancelled.wait(SOON)
    with pytest.raises(callgate.Cancelled):
        future.result(SOON)
    assert not token._linked, "nothing is kept of a call that has ended"


def test_the_token_of_options_cancels_awaited_calls(proxy, served):
    token = callgate.CancelToken()

    async def main():
        awaited = callgate.with_options(proxy, cancel=token).wait.aio()
        task = asyncio.ensure_future(awaited)
        assert await asyncio.get_running_loop().run_in_executor(None, served.waiting.wait, SOON)
        token.cancel()
        with pytest.raises(callgate.Cancelled):
            await task

    asyncio.run(main())
    assert served.cancelled.wait(SOON)


def test_cancelling_one_future_leaves_the_others_of_its_token(proxy, served):
    token = callgate.CancelToken()
    hurried = callgate.with_options(proxy, cancel=token)
    future, other = hurried.wait.start(), hurried.block.start()
    assert served.waiting.wait(SOON)
    assert future.cancel()
    assert served.cancelled.wait(SOON)
    served.released.set()
    assert other.result(SOON) is True
    assert not token.is_cancelled


def test_a_future_with_a_result_cancels_no_later_call(proxy, served):
    before = proxy.echo.start(1)
    assert before.result() == 1
    after = proxy.block.start()
    assert not before.cancel()
    served.released.set()
    assert after.result() is True


def test_cancelling_some_calls_while_they_end_leaves_the_others(proxy):
    futures = []
    for number in range(2000):
        futures.append(proxy.echo.start(number))
        if number % 3 == 0:
            futures[number // 2].cancel()
    for number, future in enumerate(futures):
        assert future.cancelled() or future.result(SOON) == number


def test_cancelling_some_tasks_while_their_calls_end_leaves_the_others(proxy):
    async def all_of_them():
        tasks = []
        for number in range(1000):
            tasks.append(asyncio.ensure_future(proxy.echo.aio(number)))
            if number % 3 == 0:
                tasks[number // 2].cancel()
            if number % 10 == 0:
                await asyncio.sleep(0)
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        for number, outcome in enumerate(outcomes):
            assert outcome == number or isinstance(outcome, asyncio.CancelledError)

    asyncio.run(all_of_them())


def test_options_that_are_given_keep_the_others(serving, proxy, served):
    outer = callgate.with_options(proxy, timeout=0.05, signature="s")
    inner = callgate.with_options(outer, metadata={"k": "v"})
    assert inner.describe() == ["s", {"k": "v"}]
    assert inner.call("describe", signature="t") == ["t", {"k": "v"}]
    for call in (inner.block, inner.block.start, lambda: inner.call("block")):
        with pytest.raises(callgate.TimedOut):
            made = call()
            made.result(SOON)
    assert callgate.with_options(inner, timeout=None).echo(1) == 1
    served.released.set()


def test_a_client_in_async_with_is_closed(serving, served):
    serving.host({"ITest": served})

    async def main():
        async with serving.client() as client:
            proxy = client.proxy("ITest")
            assert await proxy.echo.aio(1) == 1
        with pytest.raises(callgate.Closed):
            await proxy.echo.aio(2)

    asyncio.run(main())


def test_a_program_whose_own_thread_completes_a_call_ends_well(pipe):
    script = (
        "import sys, callgate\n"
        "client = callgate.Client(sys.argv[1])\n"
        "proxy = client.proxy('ITest')\n"
        "client.close()\n"
        "error = proxy.echo.start(1).exception()\n"
        "assert isinstance(error, callgate.Closed), error\n"
    )
    subprocess.run([sys.executable, "-c", script, pipe], check=True)
