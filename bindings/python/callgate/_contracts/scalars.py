"""Converters of single values."""

import contextlib
import enum
import operator
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath
from typing import Any, Callable, Dict, Optional, Type
from uuid import UUID

from .converter import KINDS, Converter, UnknownType
from .mismatch import Mismatch, other, unlike

_LEAST, _MOST = -(1 << 63), (1 << 64) - 1
_WHOLE = "an int of 64 bits (-2**63 to 2**64-1)"

# A timedelta is sent like .NET's TimeSpan: as ticks of 100 ns.
_TICKS_PER_MICROSECOND = 10
_MICROSECOND = timedelta(microseconds=1)


def _scalar(kind: Type[Any], send: Any, receive: Any, sent_as: Type[Any]) -> Converter:
    """The converter of a class."""
    is_plain = kind is sent_as
    kinds = frozenset([KINDS[sent_as]])
    return Converter(kind.__name__, send, receive, kinds, of=kind, is_plain=is_plain)


def _exactly(name: str, kind: Type[Any]) -> Converter:
    def convert(value: Any) -> Any:
        if isinstance(value, kind):
            return value
        raise unlike(name, value)

    return _scalar(kind, convert, convert, kind)._replace(name=name)


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
    raise Mismatch(_WHOLE, f"one of {value.bit_length() + (value < 0)} bits")


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
        raise other("float", value)  # A float cannot represent the integer exactly.
    return made


def _send_bytes(value: Any) -> Any:
    if isinstance(value, (bytes, bytearray)):
        return value
    if isinstance(value, memoryview):
        return bytes(value)  # It may have gaps.
    raise unlike("bytes", value)


def _receive_bytes(value: Any) -> Any:
    if isinstance(value, bytes):
        return value
    raise unlike("bytes", value)


def _receive_bytearray(value: Any) -> Any:
    return bytearray(_receive_bytes(value))


def _send_buffer(value: Any) -> Any:
    """The bytes of an object with a buffer, such as a numpy array, without a copy."""
    try:
        view = memoryview(value)
    except TypeError:
        raise unlike("a buffer", value) from None
    if not view.c_contiguous:
        raise Mismatch("a contiguous buffer", "one with gaps")
    try:
        return view.cast("B")
    except TypeError:
        return view.tobytes()  # It is empty, or its elements have no native type.


def _receive_buffer(value: Any) -> Any:
    return memoryview(_receive_bytes(value))


def _send_date(value: Any) -> Any:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    raise unlike("date", value)


def _send_datetime(value: Any) -> Any:
    if not isinstance(value, datetime):
        raise unlike("datetime", value)
    if value.tzinfo is None:
        raise Mismatch("datetime with a time zone", "one without")
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


def _by_text(
    kind: Type[Any], write: Callable[[Any], str] = str, read: Optional[Callable[[str], Any]] = None
) -> Converter:
    name = kind.__name__
    read = read or kind

    def send(value: Any) -> Any:
        if isinstance(value, kind):
            return write(value)
        raise unlike(name, value)

    def receive(value: Any) -> Any:
        if not isinstance(value, str):
            raise unlike(f"a str, for a {name}", value)
        try:
            return read(value)
        except (ValueError, InvalidOperation):
            raise other(name, value) from None

    return _scalar(kind, send, receive, str)


def enumeration(kind: Type[enum.Enum]) -> Converter:
    """The converter of an enumeration, whose members are sent as their values."""
    name = kind.__qualname__
    members = {}
    kinds = set()
    for member in kind.__members__.values():
        key = _wire_form(member.value)
        if key is None:
            words = f"{name}.{member.name} has the value {member.value!r}, which cannot be sent"
            raise UnknownType(words)
        members[key] = member
        kinds.add(KINDS[list if key[0] is tuple else key[0]])
    has_more = makes_more(kind)

    def send(value: Any) -> Any:
        if isinstance(value, kind):
            return value.value
        raise unlike(name, value)

    def receive(value: Any) -> Any:
        found = members.get(_wire_form(value))
        if found is not None:
            return found
        if has_more and not isinstance(value, bool):
            with contextlib.suppress(ValueError, TypeError):
                return kind(value)
        raise other(f"a value of {name}", value)

    return Converter(name, send, receive, frozenset(kinds), of=kind)


def makes_more(kind: Type[enum.Enum]) -> bool:
    """Whether values that are not listed may be members.

    So it is with flags, and with enumerations whose _missing_() creates members.
    """
    return getattr(kind._missing_, "__func__", None) is not _NO_MORE


_NO_MORE = getattr(enum.Enum._missing_, "__func__", None)


def _wire_form(value: Any) -> Any:
    """A key that is equal for equal values of one kind, unlike 1 and True; None if not sendable."""
    if isinstance(value, (list, tuple)):
        items = tuple(map(_wire_form, value))
        return None if None in items else (tuple, items)
    for kind in _OF_MEMBERS:
        if isinstance(value, kind):
            return (kind, value)
    return None


_OF_MEMBERS = (bool, int, float, str, bytes, type(None))


#: The converters of types by type.
CONVERTERS: Dict[Any, Converter] = {
    type(None): _exactly("None", type(None)),
    bool: _exactly("bool", bool),
    int: _scalar(int, _send_int, _receive_int, int),
    float: _scalar(float, _float, _float, float),
    str: _exactly("str", str),
    bytes: _scalar(bytes, _send_bytes, _receive_bytes, bytes),
    bytearray: _scalar(bytearray, _send_bytes, _receive_bytearray, bytes),
    datetime: _scalar(datetime, _send_datetime, _receive_datetime, datetime),
    timedelta: _scalar(timedelta, _send_timedelta, _receive_timedelta, int),
    Decimal: _by_text(Decimal),
    UUID: _by_text(UUID),
    date: _by_text(date, read=date.fromisoformat)._replace(send=_send_date),
    time: _by_text(time, time.isoformat, time.fromisoformat),
    memoryview: _scalar(memoryview, _send_buffer, _receive_buffer, bytes)._replace(is_plain=False),
    **{kind: _by_text(kind) for kind in (PurePath, PurePosixPath, PureWindowsPath, Path)},
}
