"""What single values become on their way, and of what has arrived."""

import enum
import operator
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Callable, Dict, Tuple, Type
from uuid import UUID

from ._misfit import Misfit, other, unlike

_LEAST, _MOST = -(1 << 63), (1 << 64) - 1
_WHOLE = "an int of 64 bits (-2**63 to 2**64-1)"

# What .NET's TimeSpan counts.
_TICKS_PER_MICROSECOND = 10
_MICROSECOND = timedelta(microseconds=1)

_Pair = Tuple[Callable[[Any], Any], Callable[[Any], Any]]


def _exactly(name: str, kind: Type[Any]) -> Tuple[str, Any, Any]:
    def convert(value: Any) -> Any:
        if isinstance(value, kind):
            return value
        raise unlike(name, value)

    return name, convert, convert


def _send_int(value: Any) -> Any:
    if type(value) is not int:
        if isinstance(value, bool):
            raise unlike("int", value)
        try:
            value = operator.index(value)
        except TypeError:
            raise unlike("int", value) from None
    if _LEAST <= value <= _MOST:
        return value
    raise Misfit(_WHOLE, f"one of {value.bit_length()} bits")


def _receive_int(value: Any) -> Any:
    if type(value) is int:
        return value
    raise unlike("int", value)


def _float(value: Any) -> Any:
    if isinstance(value, float):
        return value
    if not isinstance(value, int) or isinstance(value, bool):
        raise unlike("float", value)
    try:
        made = float(value)
    except OverflowError:
        made = 0.0
    if made != value:
        raise other("float", value)  # Which has not all digits of that integer.
    return made


def _send_bytes(value: Any) -> Any:
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value)
    raise unlike("bytes", value)


def _receive_bytes(value: Any) -> Any:
    if isinstance(value, bytes):
        return value
    raise unlike("bytes", value)


def _receive_bytearray(value: Any) -> Any:
    return bytearray(_receive_bytes(value))


def _send_datetime(value: Any) -> Any:
    if not isinstance(value, datetime):
        raise unlike("datetime", value)
    if value.tzinfo is None:
        raise Misfit("datetime with a time zone", "one without")
    return value


def _receive_datetime(value: Any) -> Any:
    if isinstance(value, datetime):
        return value
    raise unlike("datetime", value)


def _send_timedelta(value: Any) -> Any:
    if isinstance(value, timedelta):
        return _send_int(value // _MICROSECOND * _TICKS_PER_MICROSECOND)
    raise unlike("timedelta", value)


def _receive_timedelta(value: Any) -> Any:
    if type(value) is not int:
        raise unlike("an int of 100 ns, for a timedelta", value)
    return timedelta(microseconds=value // _TICKS_PER_MICROSECOND)


def _by_text(name: str, kind: Type[Any]) -> Tuple[str, Any, Any]:
    def send(value: Any) -> Any:
        if isinstance(value, kind):
            return str(value)
        raise unlike(name, value)

    def receive(value: Any) -> Any:
        if not isinstance(value, str):
            raise unlike(f"a str, for a {name}", value)
        try:
            return kind(value)
        except (ValueError, InvalidOperation):
            raise other(name, value) from None

    return name, send, receive


def enumeration(kind: Type[enum.Enum]) -> _Pair:
    """Members of an enumeration travel as their values."""

    def send(value: Any) -> Any:
        if isinstance(value, kind):
            return value.value
        raise unlike(kind.__qualname__, value)

    def receive(value: Any) -> Any:
        try:
            return kind(value)
        except (ValueError, TypeError):
            raise other(f"a value of {kind.__qualname__}", value) from None

    return send, receive


#: Name, and how it is sent and received, by type.
CONVERTERS: Dict[Any, Tuple[str, Any, Any]] = {
    type(None): _exactly("None", type(None)),
    bool: _exactly("bool", bool),
    int: ("int", _send_int, _receive_int),
    float: ("float", _float, _float),
    str: _exactly("str", str),
    bytes: ("bytes", _send_bytes, _receive_bytes),
    bytearray: ("bytearray", _send_bytes, _receive_bytearray),
    datetime: ("datetime", _send_datetime, _receive_datetime),
    timedelta: ("timedelta", _send_timedelta, _receive_timedelta),
    Decimal: _by_text("Decimal", Decimal),
    UUID: _by_text("UUID", UUID),
}
