"""Signals that arrive while the main thread waits in a call: handlers run, Ctrl-C interrupts it.

Python runs signal handlers on the main thread, between bytecode instructions, so not while that
thread waits in C. C therefore calls back into Python every 50 ms.
"""

import os
import threading
from ctypes import sizeof
from typing import Any, Generator, List

from . import structs


def _listen(raised: List[BaseException]) -> Generator[bool, None, None]:
    # Python would interrupt a function before its first instruction, outside its `try`. A generator
    # is interrupted where it was suspended, inside the `try`.
    try:
        while True:
            yield False
    except GeneratorExit:
        return
    except BaseException as error:
        raised.append(error)
    yield True


class Listener:
    """Handles signals while a call waits."""

    __slots__ = ("_check", "options", "raised")

    def __init__(self) -> None:
        """Creates a listener for one call at a time."""
        #: What signal handlers have raised.
        self.raised: List[BaseException] = []
        generator = _listen(self.raised)
        next(generator)
        self._check = structs.Check(generator.send)
        self.options = self.add_to(structs.CallOptions(struct_size=sizeof(structs.CallOptions)))

    def add_to(self, options: Any) -> Any:
        """Has the call with these options handle signals."""
        options.check = self._check
        return options


main_thread = threading.main_thread().ident


def _find_main_thread() -> None:
    global main_thread
    main_thread = threading.get_ident()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_find_main_thread)
