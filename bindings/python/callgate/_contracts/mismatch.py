"""Values that do not fit what a contract says."""

from typing import Any, Optional

_SHOWN = 60


class Mismatch(Exception):
    """A value that does not fit; tells where in what was given, and what is expected there."""

    def __init__(self, expected: str, given: str, path: str = "") -> None:
        """Makes one of words."""
        super().__init__(expected, given, path)
        self.expected = expected
        self.given = given
        self.path = path

    def within(self, step: str) -> "Mismatch":
        """The same, seen from what holds the value."""
        return Mismatch(self.expected, self.given, step + self.path)

    def words(self, what: str) -> str:
        """What is wrong with something that was given."""
        return f"{what}{self.path} must be {self.expected}, not {self.given}"


def unlike(expected: str, value: Any) -> Mismatch:
    """A value of another type than the expected one."""
    return Mismatch(expected, "None" if value is None else type(value).__qualname__)


def other(expected: str, value: Any) -> Mismatch:
    """A value of the right type, but not among those that are expected."""
    shown = repr(value)
    return Mismatch(expected, shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}...")


def counted(most: float, least: Optional[float] = None) -> str:
    """A number of arguments in words, e.g. "1 argument", or "1 to 2 arguments"."""
    words = f"{most:.0f} argument{'' if most == 1 else 's'}"
    return words if least is None or least == most else f"{least:.0f} to {words}"
