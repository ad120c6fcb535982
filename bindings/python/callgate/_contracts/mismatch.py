"""Values that do not match a contract."""

from typing import Any, Optional

_SHOWN = 60


class Mismatch(Exception):
    """A value does not match: what is expected, what was given, and where inside the argument."""

    def __init__(self, expected: str, given: str, path: str = "") -> None:
        """Creates a mismatch from the words for its message."""
        super().__init__(expected, given, path)
        self.expected = expected
        self.given = given
        self.path = path

    def within(self, step: str) -> "Mismatch":
        """The same mismatch, with a path that begins at the container of the value."""
        return Mismatch(self.expected, self.given, step + self.path)

    def words(self, what: str) -> str:
        """The message, for the argument or result of this name."""
        return f"{what}{self.path} must be {self.expected}, not {self.given}"


def unlike(expected: str, value: Any) -> Mismatch:
    """The mismatch of a value of the wrong type."""
    return Mismatch(expected, "None" if value is None else type(value).__qualname__)


def other(expected: str, value: Any) -> Mismatch:
    """The mismatch of a value of the right type that is not allowed."""
    shown = repr(value)
    return Mismatch(expected, shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}...")


def counted(most: float, least: Optional[float] = None) -> str:
    """A number of arguments in words, e.g. "1 argument", or "1 to 2 arguments"."""
    words = f"{most:.0f} argument{'' if most == 1 else 's'}"
    return words if least is None or least == most else f"{least:.0f} to {words}"
