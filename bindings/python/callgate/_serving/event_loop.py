"""The event loop that runs async methods unless the program sets one.

It starts on a thread of its own with the first call of such a method, and ends at exit.
"""

import os
import threading
from typing import Any, Optional

from .. import _log
from .._abi.owners import after_closing


class _Background:
    def __init__(self) -> None:
        # Imported here, since it is slow to import and most programs do not use it.
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
            # All hosts and clients are closed, so the remaining tasks belong to the program.
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
                # A task raised it, and asyncio ended the loop, which other tasks still need.
                _log.report("a task on Callgate's event loop")

    def end(self) -> None:
        """Ends the loop and waits for its thread."""
        self._ends = True
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()


_lock = threading.Lock()
_background: Optional[_Background] = None


def background_loop() -> Any:
    """The loop, which is running."""
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
