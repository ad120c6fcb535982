"""Conversions that the program adds for its own types."""

from typing import Any, Callable, Type, TypeVar

from .._exceptions import InvalidArgument
from .conversion import converter, own
from .converter import Converter
from .mismatch import Mismatch, other, unlike

_Own = TypeVar("_Own")


def add_conversion(
    kind: Type[_Own],
    sent_as: Any,
    send: Callable[[_Own], Any],
    receive: Callable[[Any], _Own],
) -> None:
    """Defines how the values of a class are sent and received, for contracts read from now on.

        callgate.add_conversion(Fraction, str, str, Fraction)

    Args:
        kind: The class, as contracts use it in annotations.
        sent_as: The type that is sent: any annotation that a contract may use.
        send: Converts a value of the class to that type.
        receive: Converts a value of that type to the class. If it raises, the call fails with
            ContractMismatch.

    Raises:
        InvalidArgument: kind is not a class.
        TypeError: Values of sent_as cannot be sent.
    """
    if not isinstance(kind, type):
        raise InvalidArgument(f"add_conversion() takes a class, not {kind!r}")
    name, held = kind.__qualname__, converter(sent_as)

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

    own[kind] = Converter(name, convert, revive, held.kinds, of=kind, sent_as=sent_as)
