"""The event loop that async methods run on where the program gives none.

It begins when the first such method is called, in a thread of its own, and ends with the program.
"""

import os
import threading
from typing import Any, Optional

from .. import _log
from .._abi.owners import after_closing


class _Background:
    def __init__(self) -> None:
        # Who has async methods has it; all others need not wait for its import.
        import asyncio

        self.loop = asyncio.new_event_loop()
        self._ends = False
        self.thread = threading.Thread(target=self._run, name="callgate-loop", daemon=True)
        self.thread.start()

    def _run(self) -> None:
        import asyncio

        asyncio.set_event_loop(self.loop)
        try:
            self._run_until_the_end()
            # Tasks that go on when all hosts and clients are closed are the program's own.
            left = asyncio.all_tasks(self.loop)
            for task in left:
                task.cancel()
            self.loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
            self.loop.run_until_complete(self.loop.shutdown_asyncgens())
        finally:
            self.loop.close()

    def _run_until_the_end(self) -> None:
        while not self._ends:
            try:
                self.loop.run_forever()
            except (SystemExit, KeyboardInterrupt):
                # asyncio lets them out of the loop, which others need too.
                _log.report("a task on Callgate's event loop")

    def end(self) -> None:
        """Ends the loop, and waits for its thread."""
        self._ends = True
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()


_lock = threading.Lock()
_background: Optional[_Background] = None


def background_loop() -> Any:
    """The loop, which runs."""
    global _background
    with _lock:
        if _background is None:
            _background = _Background()
        return _background.loop


def _end() -> None:
    if _background is not None:
        _background.end()


def _forget() -> None:
    global _background, _lock
    _background = None
    _lock = threading.Lock()


after_closing(_end)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
