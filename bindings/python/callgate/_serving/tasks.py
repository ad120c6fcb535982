"""Async methods: their coroutines run as tasks of an event loop, and occupy no thread.

When a caller no longer waits, the task of its call is cancelled.
"""

import concurrent.futures
import threading
from contextlib import suppress
from contextvars import Context
from types import CoroutineType
from typing import Any, Callable, Coroutine

from .. import _log
from .._abi.handles import user_data
from .._exceptions import Error
from .event_loop import background_loop
from .inbound_call import Call
from .on_cancelled import on_cancelled_until_dropped

# How often a thread that waits for an async handler checks that the loop is running.
_LOOP_CHECK_SECONDS = 0.5

#: Called with the task that has ended.
Done = Callable[[Any], None]


class Tasks:
    """Runs the coroutines of a host's or client's async methods."""

    __slots__ = ("_loop",)

    def __init__(self, loop: Any) -> None:
        """Is for one host or client.

        Args:
            loop: The program's event loop; None for the one that Callgate runs.
        """
        self._loop = loop

    def start(
        self, coroutine: Coroutine[Any, Any, Any], call: Call, context: Context, done: Done
    ) -> None:
        """Starts to run a coroutine, and returns at once.

        Args:
            coroutine: The coroutine of an async method.
            call: The call that it serves.
            context: The context to run it in.
            done: Called with the task when it has ended, on the loop's thread.

        Raises:
            RuntimeError: The loop is closed.
        """
        loop = self._loop or background_loop()
        loop.call_soon_threadsafe(self._run, loop, coroutine, call, done, context=context)

    def wait(self, returned: Any) -> Any:
        """The result of a handler or factory; a coroutine is awaited on the loop.

        Raises:
            RuntimeError: The loop is not running.
        """
        if not isinstance(returned, CoroutineType):
            return returned
        loop = self._loop or background_loop()
        future: concurrent.futures.Future[Any] = concurrent.futures.Future()
        try:
            loop.call_soon_threadsafe(_begin, loop, returned, future)
            while not concurrent.futures.wait([future], _LOOP_CHECK_SECONDS).done:
                if not loop.is_running():
                    future.cancel()
                    raise RuntimeError(
                        f"the event loop {loop!r} that should run an async handler is not running: "
                        "run it until the host or client is closed"
                    )
        finally:
            returned.close()
        return outcome(future)

    def _run(self, loop: Any, coroutine: Any, call: Call, done: Done) -> None:
        task = loop.create_task(_contained(coroutine))
        # A task that is cancelled before it begins never awaits the coroutine.
        task.add_done_callback(lambda _: coroutine.close())
        # One-way calls that have arrived run even when their caller is gone.
        if not call.is_one_way:
            _cancel_with(call, task, loop)
        task.add_done_callback(done)


def _begin(loop: Any, coroutine: Any, future: "concurrent.futures.Future[Any]") -> None:
    """Starts to run a coroutine on its loop, unless the future of its result is cancelled."""

    def end(task: Any) -> None:
        if task.cancelled():
            future.set_exception(concurrent.futures.CancelledError())
        elif task.exception() is not None:
            future.set_exception(task.exception())
        else:
            future.set_result(task.result())

    # Made here, on the loop: one that never runs would drop a coroutine that nothing has awaited.
    if future.set_running_or_notify_cancel():
        loop.create_task(_contained(coroutine)).add_done_callback(end)


def _cancel_with(call: Call, task: Any, loop: Any) -> None:
    def cancel() -> None:
        # A closed loop raises; its tasks have ended.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(task.cancel)

    try:
        key = on_cancelled_until_dropped(call._live(), cancel)
    except Error:
        # The task goes on: only its cancellation goes unnoticed.
        _log.report("watching a call of an async method")
        return
    task.add_done_callback(lambda _: user_data.drop(key))


class _Ended:
    """An exception of a method that would end its event loop."""

    __slots__ = ("raised",)

    def __init__(self, raised: BaseException) -> None:
        self.raised = raised


async def _contained(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """Awaits a method. SystemExit and KeyboardInterrupt would end asyncio's loop."""
    try:
        return await coroutine
    except (SystemExit, KeyboardInterrupt) as raised:
        # Ctrl-C interrupts whatever the main thread runs, and must reach the program.
        is_ctrl_c = isinstance(raised, KeyboardInterrupt)
        if is_ctrl_c and threading.current_thread() is threading.main_thread():
            raise
        return _Ended(raised)


def run_here(returned: Any) -> Any:
    """The result of a routine; a coroutine runs on this thread, since its calls depend on that."""
    if not isinstance(returned, CoroutineType):
        return returned
    import asyncio

    return asyncio.run(returned)


def outcome(done: Any) -> Any:
    """The result of a task or future; raises its exception."""
    result = done.result()
    if isinstance(result, _Ended):
        raise result.raised
    return result
