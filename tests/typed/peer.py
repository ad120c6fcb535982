"""The Python peer of the typed tests.

peer.py call ENDPOINT    calls the typed calculator, and is called back by it
peer.py serve ENDPOINT   serves a calculator to typed clients, until its input ends
"""

import sys
from typing import List

import callgate


class DivideByZero(Exception):
    """One of the interface's errors."""


class Enough(Exception):
    """The error that refuses progress."""


class Progress:
    """Refuses numbers above two."""

    def Report(self, n: int) -> None:  # noqa: N802
        """Receives the progress."""
        if n > 2:
            raise callgate.RemoteError("Enough", f"{n} is too much")

    def Note(self, text: str) -> None:  # noqa: N802
        """Receives a line."""


class Calculator:
    """The part of the interface that the test needs."""

    def Add(self, a: int, b: int) -> int:  # noqa: N802
        """The sum, of any type here."""
        return a + b if b else "nothing"  # type: ignore[return-value]

    def Divide(self, a: int, b: int) -> int:  # noqa: N802
        """The quotient."""
        if b == 0:
            raise DivideByZero("not by zero, please")
        if b == -1:
            raise callgate.RemoteError("MySoftware.Overflow", "too large")
        return a // b

    def Fail(self, name: str) -> None:  # noqa: N802
        """Fails with a Python exception."""
        raise KeyError(name)

    def Reverse(self, data: bytes) -> bytes:  # noqa: N802
        """Reverses bytes."""
        assert isinstance(data, bytes)
        return data[::-1]

    def Join(self, words: List[str], between: str) -> str:  # noqa: N802
        """Joins them."""
        return (between or " ").join(words)


def call(endpoint: str) -> None:
    """Calls, and prints the results."""
    callbacks = {"MySoftware.IProgress": Progress()}
    with callgate.Client(endpoint, callbacks=callbacks) as client:
        calculator = client.proxy("MySoftware.ICalculator")
        print(calculator.Add(1, 2), calculator.Reverse(b"\x01\xff"), calculator.CountTo(5))
        calculator.Log.one_way("from Python")
        print(calculator.Logged(), calculator.MoveBy({"x": 1, "name": None}, 2))
        for method, arguments in [
            ("Divide", (1, 0)),
            ("Divide", (-(2**63), -1)),
            ("Add", (2**31, 1)),
        ]:
            try:
                calculator.call(method, *arguments)
            except callgate.RemoteError as error:
                print(f"{error.type_name}: {error.message}")
            except callgate.ContractMismatch as error:
                print(error.message)


def serve(endpoint: str) -> None:
    """Serves."""
    with callgate.Host(endpoint) as host:
        host.add("MySoftware.ICalculator", Calculator())
        host.start()
        print(host.endpoints[0], flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    {"call": call, "serve": serve}[sys.argv[1]](sys.argv[2])
