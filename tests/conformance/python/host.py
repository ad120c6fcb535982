"""The host of the conformance matrix in Python."""

import sys
import threading
import time
from concurrent.futures import Future
from typing import Any, List, Tuple

import callgate
from describe import describe

_PATIENCE = 20


def _integer(value: Any, least: int, most: int) -> int:
    """Python's integers have no size, so methods that need one check it themselves."""
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise callgate.ContractMismatch(f"expected an integer from {least} to {most}")
    return value


def _int64(value: Any) -> int:
    return _integer(value, -(2**63), 2**63 - 1)


class Calculator:
    def Add(self, a: int, b: int) -> int:
        return _int64(a) + _int64(b)


class Overloads:
    def Add(self, a: Any, b: Any) -> Any:
        signatures = {"Add_Int64_Int64": int, "Add_String_String": str}
        kind = signatures[callgate.current_call().signature]
        if not (isinstance(a, kind) and isinstance(b, kind)):
            raise callgate.ContractMismatch(f"expected two of {kind.__name__}")
        return a + b


class Values:
    def Echo(self, value: Any) -> Any:
        return value

    def Describe(self, value: Any) -> str:
        return describe(value)

    def Int32(self, n: int) -> int:
        return _integer(n, -(2**31), 2**31 - 1)

    def Int64(self, n: int) -> int:
        return _int64(n)

    def UInt64(self, n: int) -> int:
        return _integer(n, 0, 2**64 - 1)


class Faults:
    def Fail(self, type_name: str, message: str) -> None:
        raise callgate.RemoteError(type_name, message)


class Journal:
    def __init__(self) -> None:
        self._numbers: List[int] = []

    def Note(self, n: int) -> None:
        self._numbers.append(n)

    def Read(self) -> List[int]:
        return self._numbers


class Gathering:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._gathered: List[Tuple[Future[int], int]] = []

    def Gather(self, count: int, n: int) -> "Future[int]":
        answer: Future[int] = Future()
        with self._lock:
            self._gathered.append((answer, n))
            gathered = self._gathered if len(self._gathered) == count else []
        for waiting, number in gathered:
            waiting.set_result(number)
        return answer


class Session:
    def __init__(self, connection: callgate.Connection) -> None:
        self._connection = connection
        self._name = ""

    def LogIn(self, name: str) -> None:
        self._name = name

    def WhoAmI(self) -> str:
        return self._name

    def Drop(self) -> None:
        self._connection.close()


class Slow:
    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting = self._cancelled = self._met = 0

    def Wait(self) -> None:
        with self._changed:
            self._waiting += 1
        end = time.monotonic() + _PATIENCE
        while not callgate.current_call().is_cancelled:
            if time.monotonic() > end:
                raise TimeoutError("nobody has cancelled the call")
        with self._changed:
            self._cancelled += 1

    def Hold(self) -> None:
        cancelled = threading.Event()
        callgate.current_call().on_cancelled(cancelled.set)
        with self._changed:
            self._waiting += 1
        if not cancelled.wait(_PATIENCE):
            raise TimeoutError("nobody has cancelled the call")
        with self._changed:
            self._cancelled += 1

    def Waiting(self) -> int:
        return self._waiting

    def Cancelled(self) -> int:
        return self._cancelled

    def Meet(self, count: int) -> None:
        with self._changed:
            self._met += 1
            self._changed.notify_all()
            if not self._changed.wait_for(lambda: self._met >= count, _PATIENCE):
                raise TimeoutError(f"only {self._met} of {count} have come")


class Duplex:
    def __init__(self, callback: callgate.Proxy) -> None:
        self._callback = callback
        self._first = callback.Double(100)

    def First(self) -> int:
        return self._first

    def Double(self, n: int) -> int:
        return self._callback.Double(n)

    def Nest(self, depth: int) -> int:
        return 1 + self._callback.Nest(depth - 1) if depth else 0

    def Provoke(self, type_name: str, message: str) -> List[str]:
        try:
            self._callback.Fail(type_name, message)
        except callgate.RemoteError as error:
            return [error.type_name, error.message]
        raise AssertionError("the callback has not failed")

    def Later(self, n: int) -> None:
        threading.Thread(target=self._callback.Arrived, args=(n,)).start()


def serve(endpoints: List[str]) -> None:
    """Serves until standard input ends."""
    with callgate.Host(*endpoints) as host:
        host.add("ICalculator", Calculator)
        host.add("IOverloads", Overloads)
        host.add("IValues", Values)
        host.add("IFaults", Faults)
        host.add("IJournal", Journal)
        host.add("IGathering", Gathering)
        host.add("ISession", Session)
        host.add("ISlow", Slow)
        host.add_duplex_delegate_factory("IDuplex", "ICallback", Duplex)
        host.add_duplex_delegate_factory("IOldDuplex", "Old.ICallback", Duplex)
        host.add_interface_alias("Old.", "ICalculator")
        host.start()
        print("ready", *host.endpoints, flush=True)
        sys.stdin.read()
