"""Large texts and binaries as MessagePack, in memory that goes back to the system.

A packer would copy each of them three times, and the C library keeps the memory of such copies, for
each thread.
"""

import ctypes
import mmap
from ctypes import byref, c_char, c_ssize_t
from struct import pack as pack_number
from typing import Any, Callable, Dict, Iterator, List, Union

from .._abi import native

#: Values of more bytes are large.
LARGE = 1 << 20

# The most characters, each of up to 4 bytes, whose length fits 32 bits.
_LONGEST = (1 << 30) - 1

# The most elements of a list or map that are looked at. Their number fits one byte.
_FEW = 15

# How deep large values are looked for: arguments, a map among them, and a list or map in that.
_DEPTH = 3

# The size of the largest mapping that is kept.
_KEPT_BYTES = 16 << 20

#: Whether to look for large values: before the first one, that would only slow small calls down.
is_expected = False

#: A value as MessagePack: bytes, or memory of its own.
Encoded = Union[bytes, "ctypes.Array[c_char]"]

_LENGTHS: Dict[type, Callable[[Any], int]] = {
    str: len,
    bytes: len,
    bytearray: len,
    memoryview: lambda view: int(view.nbytes),
}


def is_large(value: Any, depth: int = _DEPTH) -> bool:
    """Whether a value is a large text or binary, or a short list or map with one in it."""
    kind = type(value)
    length = _LENGTHS.get(kind)
    if length is not None:
        return LARGE < length(value) <= _LONGEST
    if (kind is tuple or kind is list or kind is dict) and depth and len(value) <= _FEW:
        for element in value.values() if kind is dict else value:
            if is_large(element, depth - 1):
                return True
    return False


def encode(value: Any, pack: Callable[[Any], bytes]) -> Encoded:
    """Encodes a value that is_large(), and with `pack` the small values in it."""
    pieces = list(_pieces(value, pack, _DEPTH))
    size = sum(map(len, pieces))
    mapping = _take(size)
    for piece in pieces:
        mapping.write(piece)
    encoded = (c_char * size).from_buffer(mapping)
    # Its end is that of the array.
    encoded.lease = _Lease(mapping)  # type: ignore[attr-defined]
    return encoded


def _pieces(
    value: Any, pack: Callable[[Any], bytes], depth: int
) -> Iterator[Union[bytes, memoryview]]:
    if not is_large(value, depth):
        yield pack(value)
    elif isinstance(value, dict):
        yield bytes([0x80 + len(value)])
        for key, element in value.items():
            yield pack(key)
            yield from _pieces(element, pack, depth - 1)
    elif isinstance(value, (list, tuple)):
        yield bytes([0x90 + len(value)])
        for element in value:
            yield from _pieces(element, pack, depth - 1)
    elif isinstance(value, str):
        length = c_ssize_t()
        address = _utf8(value, byref(length))
        yield b"\xdb" + pack_number(">I", length.value)
        yield native.view(address, length.value)
    else:
        view = memoryview(value).cast("B")
        yield b"\xc6" + pack_number(">I", len(view))
        yield view


# The bytes of a text, which belong to it.
_utf8 = ctypes.pythonapi.PyUnicode_AsUTF8AndSize
_utf8.restype, _utf8.argtypes = ctypes.c_void_p, (ctypes.py_object, ctypes.POINTER(c_ssize_t))

# One mapping is kept, since the system takes longer to make a large one than a copy takes.
_idle: List[mmap.mmap] = []


def _take(size: int) -> mmap.mmap:
    """The mapping that was kept, or a new one, of `size` bytes or more."""
    try:
        mapping = _idle.pop()
        if len(mapping) >= size:
            mapping.seek(0)
            return mapping
    except IndexError:
        pass
    try:
        return mmap.mmap(-1, size, **_PRIVATE)
    except OSError as error:
        raise MemoryError(f"there is no memory for {size} bytes") from error


# Windows has no other mappings.
_PRIVATE = {"flags": mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS} if hasattr(mmap, "MAP_PRIVATE") else {}


class _Lease:
    """Keeps a mapping for the next value when it is no longer in use."""

    __slots__ = ("_mapping",)

    def __init__(self, mapping: mmap.mmap) -> None:
        self._mapping = mapping

    def __del__(self, idle: List[mmap.mmap] = _idle) -> None:
        if not idle and len(self._mapping) <= _KEPT_BYTES:
            idle.append(self._mapping)
