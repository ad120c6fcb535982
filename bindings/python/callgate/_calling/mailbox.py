"""Outcomes of started calls on their way to the futures of an event loop.

Waking a loop takes longer than a call, so one wake-up delivers all outcomes that have arrived.
"""

import asyncio
from collections import deque
from contextlib import suppress
from typing import Any, Deque, Optional
from weakref import WeakKeyDictionary

from .cancel import Canceller, idle_cancellers


class Mailbox:
    """The outcomes for one event loop."""

    __slots__ = ("_is_called", "_loop", "_outcomes")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Creates an empty mailbox."""
        self._loop = loop
        self._outcomes: Deque[Awaited] = deque()
        #: Whether the loop has been woken to deliver.
        self._is_called = False

    def put(self, outcome: "Awaited") -> None:
        """Has the loop deliver an outcome. May be called by any thread."""
        self._outcomes.append(outcome)
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
            outcomes.popleft().deliver()


class Awaited:
    """A started call that a task of the running event loop awaits."""

    __slots__ = (
        "_is_over",
        "_is_reusable",
        "_mailbox",
        "_raised",
        "_result",
        "canceller",
        "future",
    )

    canceller: Canceller

    def __init__(self) -> None:
        """Belongs to the loop that runs here."""
        self._mailbox = mailbox()
        self.future = asyncio.get_running_loop().create_future()
        self._raised: Optional[BaseException] = None
        self._result: Any = None
        self._is_reusable = False
        # Only the loop's thread uses it.
        self._is_over = False

    def cancel(self) -> None:
        """Cancels the call, on the loop's thread."""
        if not self._is_over:
            self._is_over = True
            self.canceller.cancel()

    def set_running_or_notify_cancel(self) -> bool:
        """Returns whether the outcome is of use."""
        return True

    def reuse(self, _: Canceller) -> None:
        """Allows the canceller to be kept for other calls, once the loop cannot use it."""
        self._is_reusable = True

    def set_result(self, result: Any) -> None:
        """Takes the result. May be called by any thread."""
        self._result = result
        self._mailbox.put(self)

    def set_exception(self, raised: BaseException) -> None:
        """Takes what the call failed with. May be called by any thread."""
        self._raised = raised
        self._mailbox.put(self)

    def deliver(self) -> None:
        """Gives the outcome to the task, on the loop's thread."""
        if self._is_over:
            return
        self._is_over = True
        if self._is_reusable:
            idle_cancellers.append(self.canceller)
        if self.future.done():
            return
        if self._raised is None:
            self.future.set_result(self._result)
        else:
            self.future.set_exception(self._raised)


_mailboxes: "WeakKeyDictionary[asyncio.AbstractEventLoop, Mailbox]" = WeakKeyDictionary()


def mailbox() -> Mailbox:
    """The mailbox of the running event loop."""
    loop = asyncio.get_running_loop()
    found = _mailboxes.get(loop)
    if found is None:
        found = _mailboxes[loop] = Mailbox(loop)
    return found
