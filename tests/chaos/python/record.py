"""What a process records: pairs of numbers, in a file that survives it."""

import os
import struct

_PAIR = struct.Struct("<QQ")


def check(number: int) -> int:
    """Each call carries its id, and this number of it, so that a spoiled id is noticed."""
    return number ^ 0x5A_5A5A_5A5A_5A5A


class Record:
    """A file of pairs of numbers, each of which is one small write."""

    def __init__(self, path: str) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def note(self, first: int, second: int) -> None:
        os.write(self._file, _PAIR.pack(first, second))
