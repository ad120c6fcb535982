"""Conversions that the program adds for its types."""

from typing import Any, Callable, Type, TypeVar

from .._exceptions import InvalidArgument
from .conversion import converter, own
from .converter import Converter
from .mismatch import Mismatch, other, unlike

_Own = TypeVar("_Own")


def add_conversion(
    kind: Type[_Own],
    travels_as: Any,
    send: Callable[[_Own], Any],
    receive: Callable[[Any], _Own],
) -> None:
    """Says how the values of a class travel, in all contracts that are read from then on.

        callgate.add_conversion(Fraction, str, str, Fraction)

    Args:
        kind: The class, as contracts annotate it.
        travels_as: What its values travel as: any annotation that a contract may have.
        send: Makes that of a value.
        receive: Makes a value of that. What it raises is told as a contract mismatch.

    Raises:
        InvalidArgument: The first is no class.
        TypeError: Values of travels_as cannot travel.
    """
    if not isinstance(kind, type):
        raise InvalidArgument(f"a conversion is of a class, not of {kind!r}")
    name, held = kind.__qualname__, converter(travels_as)

    def convert(value: Any) -> Any:
        if not isinstance(value, kind):
            raise unlike(name, value)
        return held.send(send(value))

    def revive(value: Any) -> Any:
        arrived = held.receive(value)
        try:
            return receive(arrived)
        except Exception as error:
            raise Mismatch(name, f"{other('', arrived).given} ({error})") from None

    own[kind] = Converter(name, convert, revive, held.kinds, of=kind)
