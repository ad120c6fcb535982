"""Async methods: their coroutines run as tasks of an event loop, and hold no thread.

When nobody waits for a call any more, its task is cancelled. The loop looks every 10 ms, and only
while there are such tasks.
"""

import concurrent.futures
import threading
from contextvars import Context
from types import CoroutineType
from typing import Any, Callable, Coroutine, Dict

from .event_loop import background_loop
from .inbound_call import Call

_LOOK_SECONDS = 0.01

# The pause after a look is at least this many times as long as the look: thousands of methods that
# merely wait cost next to nothing, and are cancelled a little later.
_PAUSES_PER_LOOK = 50

# How often who waits for a handler asks whether the loop still runs.
_LOOK_SECONDS_OF_HANDLERS = 0.5

#: Is given the task that has ended.
Done = Callable[[Any], None]


class Tasks:
    """Runs the coroutines of a host's or client's async methods."""

    __slots__ = ("_loop", "_looks", "_watched")

    def __init__(self, loop: Any) -> None:
        """Is for one host or client.

        Args:
            loop: The event loop; None for Callgate's own.
        """
        self._loop = loop
        # Only the loop's thread touches these.
        self._watched: Dict[Any, Call] = {}
        self._looks = False

    def start(
        self, coroutine: Coroutine[Any, Any, Any], call: Call, context: Context, done: Done
    ) -> None:
        """Starts to run a coroutine; returns at once.

        Args:
            coroutine: What an async method has returned.
            call: The call that it serves.
            context: What it runs in.
            done: Is given the task when it has ended, on the loop's thread.

        Raises:
            RuntimeError: The loop is closed.
        """
        loop = self._loop or background_loop()
        loop.call_soon_threadsafe(self._run, loop, coroutine, call, done, context=context)

    def wait(self, returned: Any) -> Any:
        """What a handler or factory has returned; awaits that on the loop where it is a coroutine.

        Raises:
            RuntimeError: The loop does not run.
        """
        if not isinstance(returned, CoroutineType):
            return returned
        import asyncio

        loop = self._loop or background_loop()
        try:
            future = asyncio.run_coroutine_threadsafe(_contained(returned), loop)
            while not concurrent.futures.wait([future], _LOOK_SECONDS_OF_HANDLERS).done:
                if not loop.is_running():
                    future.cancel()
                    raise RuntimeError(f"the event loop {loop!r} of async handlers does not run")
        finally:
            returned.close()
        return outcome(future)

    def _run(self, loop: Any, coroutine: Any, call: Call, done: Done) -> None:
        task = loop.create_task(_contained(coroutine))
        # One that is cancelled before it begins never gets to its method.
        task.add_done_callback(lambda _: coroutine.close())
        task.add_done_callback(self._forget)
        task.add_done_callback(done)
        # One-way calls that have arrived run, also when their caller has gone.
        if not call.is_one_way:
            self._watched[task] = call
            if not self._looks:
                self._looks = True
                loop.call_later(_LOOK_SECONDS, self._look, loop)

    def _forget(self, task: Any) -> None:
        self._watched.pop(task, None)

    def _look(self, loop: Any) -> None:
        begun = loop.time()
        for task, call in list(self._watched.items()):
            if call.is_cancelled:
                self._forget(task)
                task.cancel()
        self._looks = bool(self._watched)
        if self._looks:
            took = loop.time() - begun
            loop.call_later(max(_LOOK_SECONDS, _PAUSES_PER_LOOK * took), self._look, loop)


class _Ended:
    """What a method raised that would end its event loop."""

    __slots__ = ("raised",)

    def __init__(self, raised: BaseException) -> None:
        self.raised = raised


async def _contained(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """Awaits a method. asyncio would let SystemExit and KeyboardInterrupt out of its loop."""
    try:
        return await coroutine
    except (SystemExit, KeyboardInterrupt) as raised:
        # Ctrl-C reaches whatever the main thread runs, and is meant for the program.
        is_ctrl_c = isinstance(raised, KeyboardInterrupt)
        if is_ctrl_c and threading.current_thread() is threading.main_thread():
            raise
        return _Ended(raised)


def run_here(returned: Any) -> Any:
    """What a routine has returned; a coroutine is run on this thread, which calls may depend on."""
    if not isinstance(returned, CoroutineType):
        return returned
    import asyncio

    return asyncio.run(returned)


def outcome(done: Any) -> Any:
    """The result of a task, or of a future; raises what it failed with."""
    result = done.result()
    if isinstance(result, _Ended):
        raise result.raised
    return result
