"""Buffers in which C and Python exchange small values, each with an encoder and a decoder.

They are reused, since creating one takes longer than a small call.
"""

from ctypes import addressof, create_string_buffer
from typing import Any, List

from .._abi import native
from . import large
from .messagepack import decode, encoding_error, new_packer, new_unpacker, pack_large

#: The largest value, in bytes, that a buffer holds.
CAPACITY = 4096

_LONGER = object()


def _of_one_byte() -> List[Any]:
    """The immutable values that are encoded as one byte, by that byte."""
    values: List[Any] = [_LONGER] * 256
    values[:0x80] = range(0x80)
    values[0xE0:] = range(-0x20, 0)
    values[0xA0], values[0xC0], values[0xC2], values[0xC3] = "", None, False, True
    return values


_OF_ONE_BYTE = _of_one_byte()


class ValueBuffer:
    """A buffer for one value at a time."""

    __slots__ = ("_decode", "_feed", "_memory", "_pack", "address", "view")

    def __init__(self) -> None:
        """Creates a buffer for one thread at a time."""
        self._memory = create_string_buffer(CAPACITY)
        #: The buffer's memory.
        self.view = memoryview(self._memory).cast("B")
        self.address = addressof(self._memory)
        self._pack = new_packer().pack
        self._renew()

    def _renew(self) -> None:
        unpacker = new_unpacker(max_buffer_size=CAPACITY)
        self._feed = unpacker.feed
        self._decode = unpacker.unpack

    def encode(self, value: Any) -> large.Encoded:
        """Encodes a value, outside the buffer.

        Raises:
            InvalidArgument: The value, or a value inside it, cannot be encoded.
        """
        if large.is_expected and large.is_large(value):
            return pack_large(value)
        try:
            data: bytes = self._pack(value)
        except BaseException as error:
            # The packer would prepend what it has written so far to the next value.
            self._pack = new_packer().pack
            if isinstance(error, (OverflowError, TypeError, ValueError)):
                raise encoding_error(error) from error
            raise
        if len(data) > large.LARGE:
            large.is_expected = True
            self._pack = new_packer().pack  # The old one would keep its memory.
        return data

    def read(self, length: int, elsewhere: int) -> Any:
        """Decodes a value that C has checked.

        Args:
            length: The value's length in bytes.
            elsewhere: The value's address, if it is too long for the buffer.

        Raises:
            ContractMismatch: The value has no equivalent in Python.
        """
        if length == 1:
            value = _OF_ONE_BYTE[self.view[0]]
            if value is not _LONGER:
                return value
        elif length > CAPACITY:
            return decode(native.view(elsewhere, length))
        view = self.view[:length]
        try:
            self._feed(view)
            return self._decode()
        except BaseException as error:
            # The unpacker would prepend what it has read so far to the next value.
            self._renew()
            if not isinstance(error, Exception):
                raise
        # Raises the exception that says what is wrong.
        return decode(bytes(view))
