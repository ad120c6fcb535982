"""Outcomes of started calls on their way to the futures of an event loop.

To wake a loop takes longer than a call: it is woken once for all outcomes that have come meanwhile.
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
        """Nothing has come yet."""
        self._loop = loop
        self._outcomes: Deque[Tuple[asyncio.Future[Any], Future[Any]]] = deque()
        #: Whether the loop will look.
        self._is_called = False

    def put(self, waiting: "asyncio.Future[Any]", started: "Future[Any]") -> None:
        """Has the loop give a call's outcome to the future that waits for it. From any thread."""
        self._outcomes.append((waiting, started))
        if self._is_called:
            return
        self._is_called = True
        # A loop that is closed refuses: nobody waits.
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._deliver)

    def _deliver(self) -> None:
        # First, so that what comes from now on calls the loop again.
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
    """That of the loop that runs here."""
    loop = asyncio.get_running_loop()
    found = _mailboxes.get(loop)
    if found is None:
        found = _mailboxes[loop] = Mailbox(loop)
    return found
