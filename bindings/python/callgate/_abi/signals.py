"""Signals that come while the main thread waits in a call: their handlers run, and Ctrl-C ends it.

Python runs the handlers of signals in the main thread, between its instructions, and none of these
run while that thread waits in C. So C lets the main thread come back every 50 ms.
"""

import os
import threading
from ctypes import sizeof
from typing import Any, Generator, List

from . import native


def _listen(raised: List[BaseException]) -> Generator[bool, None, None]:
    # A function would be interrupted before its first instruction, outside of any `try`; a
    # generator within the one that it was left in.
    try:
        while True:
            yield False
    except GeneratorExit:
        return
    except BaseException as error:
        raised.append(error)
    yield True


class Listener:
    """Lets signals be handled while one call waits."""

    __slots__ = ("_check", "options", "raised")

    def __init__(self) -> None:
        """Is for one call at a time."""
        #: What the handlers of signals have raised.
        self.raised: List[BaseException] = []
        generator = _listen(self.raised)
        next(generator)
        self._check = native.Check(generator.send)
        self.options = self.add_to(native.CallOptions(struct_size=sizeof(native.CallOptions)))

    def add_to(self, options: Any) -> Any:
        """Has the call of these options listen."""
        options.check = self._check
        return options


main_thread = threading.main_thread().ident


def _find_main_thread() -> None:
    global main_thread
    main_thread = threading.get_ident()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_find_main_thread)
