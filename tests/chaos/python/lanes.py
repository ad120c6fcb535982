"""The three lanes: calls of all kinds, one-way calls, started calls of an ordered interface."""

import threading
from functools import partial
from typing import Any, Callable, Dict, Optional

import callgate
from record import Record, check

#: The kinds of calls, as their ids have them.
RUN, TELL, ECHO, BACK, SLOW, CANCELLED, HASTY = range(7)

#: What is recorded of a call: that it begins, and how it ends.
BEGUN, OK, NOT_RUN, RAN, UNKNOWN, WRONG = range(6)

_OUTCOMES: Dict[callgate.Execution, int] = {
    callgate.Execution.NOT_RUN: NOT_RUN,
    callgate.Execution.RAN: RAN,
    callgate.Execution.UNKNOWN: UNKNOWN,
}


class Lane:
    """A thread that calls, with proxies of its own."""

    def __init__(
        self, client: callgate.Client, record: Record, number: int, lane: int, seed: int
    ) -> None:
        self.step = lambda: STEPS[lane](self)
        self.work = client.proxy("IWork")
        self.ordered = client.proxy("IOrdered")
        self._record = record
        self._prefix = number << 40 | lane << 36
        self._calls = 0
        self._random = seed ^ self._prefix

    def below(self, limit: int) -> int:
        self._random = (self._random * 6364136223846793005 + 1442695040888963407) % 2**64
        return (self._random >> 33) % limit

    def begin(self, kind: int) -> int:
        """Records that a call begins, and returns its id."""
        number = self._prefix | kind << 32 | self._calls
        self._calls += 1
        self._record.note(number, BEGUN)
        return number

    def end(self, number: int, call: Callable[[], Any], expected: Any) -> None:
        """Records how a call ends, which is when `call` does."""
        try:
            outcome, status = OK if call() == expected else WRONG, 0
        except callgate.Error as error:
            outcome, status = _OUTCOMES[error.execution], error.status
        self._record.note(number, outcome | status << 8)

    def call(self, kind: int, method: str, timeout: Optional[float] = None, **options: Any) -> None:
        number = self.begin(kind)
        if timeout is not None:
            options["timeout"] = timeout
        self.end(
            number, lambda: self.work.call(method, number, check(number), **options), check(number)
        )

    def start(self, number: int) -> Callable[[], Any]:
        """Starts a call; what it returns waits for the result."""
        try:
            return self.ordered.Run.start(number, check(number)).result
        except callgate.Error as error:
            return partial(_fail, error)

    def tell(self, proxy: callgate.Proxy) -> None:
        number = self.begin(TELL)
        self.end(number, lambda: proxy.Tell.one_way(number, check(number)), None)

    def cancelled(self) -> None:
        """A call that is cancelled soon after it begins."""
        token = callgate.CancelToken()
        timer = threading.Timer(self.below(30) / 1000, token.cancel)
        timer.start()
        self.call(CANCELLED, "Slow", timeout=2, cancel=token)
        timer.join()

    def large(self) -> None:
        number = self.begin(ECHO)
        data = (number.to_bytes(8, "little") * 50_000)[: self.below(400_000)]
        self.end(number, lambda: self.work.Echo(number, check(number), data), data)

    def back(self) -> None:
        number, depth = self.begin(BACK), self.below(4)
        self.end(number, lambda: self.work.Back(number, check(number), depth), depth)


def _fail(error: callgate.Error) -> None:
    raise error


def _mixed(lane: Lane) -> None:
    choice = lane.below(100)
    if choice < 4:
        lane.large()
    elif choice < 20:
        lane.back()
    elif choice < 24:
        lane.call(SLOW, "Slow", timeout=(lane.below(60) + 1) / 1000)
    elif choice < 28:
        lane.cancelled()
    elif choice < 36:
        lane.call(HASTY, "Run", timeout=(lane.below(5) + 1) / 1000)
    else:
        lane.call(RUN, "Run")


def _one_way(lane: Lane) -> None:
    for _ in range(lane.below(16)):
        lane.tell(lane.work)
    lane.call(RUN, "Run")


def _ordered(lane: Lane) -> None:
    started = []
    for _ in range(lane.below(6) + 1):
        number = lane.begin(RUN)
        started.append((number, lane.start(number)))
        if lane.below(3) == 0:
            lane.tell(lane.ordered)
    for number, call in started:
        lane.end(number, call, check(number))


#: What each lane does in one step.
STEPS: Any = (_mixed, _one_way, _ordered)
