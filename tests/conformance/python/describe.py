"""Describes a value in the form that README.md defines for all languages."""

import struct
from datetime import datetime, timedelta, timezone
from typing import Any

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def describe(value: Any) -> str:
    """The description of a value."""
    if value is None:
        return "nil"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return "float:nan" if value != value else f"float:{struct.pack('>d', value).hex()}"
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, bytes):
        return f"bin:{value.hex()}"
    if isinstance(value, datetime):
        return _time(value)
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(describe, value))}]"
    if isinstance(value, dict):
        entries = sorted((describe(key), describe(held)) for key, held in value.items())
        return f"{{{', '.join(f'{key}: {held}' for key, held in entries)}}}"
    raise TypeError(f"{type(value).__name__} has no description")


def _text(value: str) -> str:
    """Printable ASCII unchanged, all other bytes of the UTF-8 as \\xHH."""
    plain = set(range(0x20, 0x7F)) - set(b'"\\')
    return '"' + "".join(chr(b) if b in plain else f"\\x{b:02x}" for b in value.encode()) + '"'


def _time(value: datetime) -> str:
    """Whole seconds since 1970, rounded down, plus nanoseconds."""
    since = value - _EPOCH
    seconds, rest = divmod(since, timedelta(seconds=1))
    return f"time:{seconds}.{rest.microseconds * 1000:09}"
