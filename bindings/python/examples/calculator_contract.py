"""The contract of ICalculator, which hosts and clients in all languages share."""

from typing import Protocol

import callgate


class ICalculator(Protocol):
    """A calculator."""

    def Add(self, a: int, b: int) -> int:  # noqa: N802
        """Returns the sum."""
        ...

    def Divide(self, a: int, b: int) -> int:  # noqa: N802
        """Returns the integer quotient, or raises DivideByZero."""
        ...

    @callgate.one_way
    def Log(self, line: str) -> None:  # noqa: N802
        """Prints a line; callers do not wait for it."""
        ...


class DivideByZero(Exception):
    """The error of a calculator."""


#: Exceptions by their names on the wire, which all languages share.
EXCEPTIONS = {"DivideByZero": DivideByZero}
