"""The contract of the calculator that reports its progress."""

from typing import Protocol


class ICalculator(Protocol):
    """A calculator that calls its caller's IProgress."""

    def Sum(self, n: int) -> int:  # noqa: N802
        """Adds up 1 to n, reports every quarter, and stops when the caller no longer waits."""
        ...


class IProgress(Protocol):
    """Served by clients."""

    def Report(self, fraction: float) -> None:  # noqa: N802
        """Receives the finished fraction, from 0 to 1."""
        ...
