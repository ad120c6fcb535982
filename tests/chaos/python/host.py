"""The host of the chaos run in Python: records each call that runs."""

import itertools
import sys
import threading
from typing import Any, List

import callgate
from record import Record, check

_PATIENCE = 20


class Ordered:
    """Serves IOrdered to one connection."""

    def __init__(self, record: Record, number: int) -> None:
        self._record = record
        self._number = number

    def Run(self, number: int, checked: int) -> int:
        self._note(number, checked)
        return checked

    def Tell(self, number: int, checked: int) -> None:
        self._note(number, checked)

    def _note(self, number: int, checked: int) -> None:
        """Records that a call runs, unless its id was spoiled on the way."""
        if checked != check(number):
            raise callgate.RemoteError("Spoiled", "the id and its check do not match")
        self._record.note(number, self._number)


class Work(Ordered):
    """Serves IWork to one connection."""

    def __init__(self, record: Record, number: int, callback: callgate.Proxy) -> None:
        super().__init__(record, number)
        self._callback = callback

    def Echo(self, number: int, checked: int, data: Any) -> Any:
        self._note(number, checked)
        return data

    def Back(self, number: int, checked: int, depth: int) -> int:
        self._note(number, checked)
        return self._callback.Again(depth)

    def Deeper(self, depth: int) -> int:
        return 1 + self._callback.Again(depth - 1) if depth else 0

    def Slow(self, number: int, checked: int) -> int:
        self._note(number, checked)
        cancelled = threading.Event()
        callgate.current_call().on_cancelled(cancelled.set)
        cancelled.wait(_PATIENCE)
        return checked


def serve(path: str, endpoints: List[str]) -> None:
    """Serves until standard input ends."""
    record = Record(path)
    numbers = itertools.count(1)
    with callgate.Host(*endpoints) as host:
        host.add_duplex_delegate_factory(
            "IWork", "ICallback", lambda callback: Work(record, next(numbers), callback)
        )
        host.add("IOrdered", lambda: Ordered(record, next(numbers)), ordered=True)
        host.start()
        print("ready", *host.endpoints, flush=True)
        sys.stdin.read()
