"""What hosts and clients of ICalculator agree on, in whatever language."""

from typing import Protocol

import callgate


class ICalculator(Protocol):
    """A calculator."""

    def Add(self, a: int, b: int) -> int:  # noqa: N802
        """The sum."""
        ...

    def Divide(self, a: int, b: int) -> int:  # noqa: N802
        """The quotient, without its fraction; raises DivideByZero."""
        ...

    @callgate.one_way
    def Log(self, line: str) -> None:  # noqa: N802
        """Prints a line; no one waits for it."""
        ...


class DivideByZero(Exception):
    """How a calculator fails."""


#: By the names that all languages agree on.
EXCEPTIONS = {"DivideByZero": DivideByZero}
