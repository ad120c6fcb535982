"""Calls of async methods are nested in the call that the method serves."""

import asyncio
import contextvars
import threading

import pytest

import callgate

SOON = 60


class Up:
    """Calls its caller back."""

    def __init__(self, callback):
        self.callback = callback
        self.answered = threading.Event()
        self.went_on = None

    async def Climb(self, levels):
        await asyncio.sleep(0)
        return 1 + await self.callback.Climb.aio(levels - 1) if levels else 0

    async def CallBack(self):
        await asyncio.sleep(0)
        self.callback.Tell.one_way()
        loop = asyncio.get_running_loop()
        context = contextvars.copy_context()
        return [
            self.callback.One(),
            await self.callback.One.aio(),
            await loop.run_in_executor(None, context.run, self.callback.One),
        ]

    async def GoOn(self):
        async def later():
            await asyncio.get_running_loop().run_in_executor(None, self.answered.wait)
            return outcome(self.callback)

        self.went_on = asyncio.ensure_future(later())

    async def WentOn(self):
        self.answered.set()
        return await self.went_on


class Down:
    """A callback that the client serves."""

    def __init__(self):
        self.up = None
        self.told = threading.Event()
        self.holding = threading.Event()
        self.released = threading.Event()

    async def Climb(self, levels):
        await asyncio.sleep(0)
        return 1 + await self.up.Climb.aio(levels - 1) if levels else 0

    def One(self):
        return 1

    def Tell(self):
        self.told.set()

    def Hold(self):
        self.holding.set()
        self.released.wait()


def outcome(callback):
    """The outcome of a call with a short timeout."""
    try:
        return callgate.with_options(callback, timeout=0.02).One()
    except callgate.TimedOut:
        return "timed out"


@pytest.fixture
def down():
    return Down()


@pytest.fixture
def up(serving, down):
    made = []

    def make(callback):
        made.append(callback)
        return Up(callback)

    host = serving.host(start=False)
    host.add_duplex_delegate_factory("IUp", "IDown", make)
    host.start()
    limits = callgate.Limits(running_calls=1)
    down.up = serving.client(callbacks={"IDown": down}, limits=limits).proxy("IUp")
    assert down.up.Climb(0) == 0
    down.callback = made[0]
    return down.up


@pytest.fixture
def taken(up, down):
    """Takes the client's only slot, so that other calls wait."""
    held = down.callback.Hold.start()
    assert down.holding.wait(SOON)
    assert outcome(down.callback) == "timed out"
    yield
    down.released.set()
    held.result(SOON)


def test_tasks_know_how_deep_they_are(up):
    assert up.Climb(32) == 32
    with pytest.raises(callgate.RemoteError, match="deep"):
        up.Climb(80)


def test_tasks_call_back_while_all_slots_are_taken(up, down, taken):
    assert up.CallBack() == [1, 1, 1]
    assert down.told.wait(SOON)


def test_a_task_that_goes_on_after_the_answer_is_in_no_call(up, taken):
    up.GoOn()
    assert up.WentOn() == "timed out"
