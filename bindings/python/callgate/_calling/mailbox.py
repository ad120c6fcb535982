"""Outcomes of started calls on their way to the futures of an event loop.

Waking a loop takes longer than a call, so one wake-up delivers all outcomes that have arrived.
"""

import asyncio
from collections import deque
from concurrent.futures import Future
from contextlib import suppress
from typing import Any, Deque, Tuple
from weakref import WeakKeyDictionary


class Mailbox:
    """The outcomes for one event loop."""

    __slots__ = ("_is_called", "_loop", "_outcomes")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Creates an empty mailbox."""
        self._loop = loop
        self._outcomes: Deque[Tuple[asyncio.Future[Any], Future[Any]]] = deque()
        #: Whether the loop has been woken to deliver.
        self._is_called = False

    def put(self, waiting: "asyncio.Future[Any]", started: "Future[Any]") -> None:
        """Has the loop pass a call's outcome to the future that waits for it. On any thread."""
        self._outcomes.append((waiting, started))
        if self._is_called:
            return
        self._is_called = True
        # A closed loop raises: nobody waits any more.
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._deliver)

    def _deliver(self) -> None:
        # Cleared first, so that an outcome that arrives from now on wakes the loop again.
        self._is_called = False
        outcomes = self._outcomes
        while outcomes:
            waiting, started = outcomes.popleft()
            if waiting.done():
                continue
            if started.cancelled():
                waiting.cancel()
                continue
            raised = started.exception()
            if raised is None:
                waiting.set_result(started.result())
            else:
                waiting.set_exception(raised)


_mailboxes: "WeakKeyDictionary[asyncio.AbstractEventLoop, Mailbox]" = WeakKeyDictionary()


def mailbox() -> Mailbox:
    """The mailbox of the running event loop."""
    loop = asyncio.get_running_loop()
    found = _mailboxes.get(loop)
    if found is None:
        found = _mailboxes[loop] = Mailbox(loop)
    return found
