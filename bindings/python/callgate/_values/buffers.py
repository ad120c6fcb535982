"""Memory that C and Python hand small values over in, with what encodes and decodes them there.

It is used again and again: making it takes longer than a small call.
"""

from ctypes import addressof, create_string_buffer, string_at
from typing import Any, List

from .messagepack import KEPT_BYTES, decode, new_packer, new_unpacker, refused_value

#: How large a value may be to be handed over there.
CAPACITY = 4096

_LONGER = object()


def _of_one_byte() -> List[Any]:
    """The values that one byte stands for, by that byte; but for those that can be changed."""
    values: List[Any] = [_LONGER] * 256
    values[:0x80] = range(0x80)
    values[0xE0:] = range(-0x20, 0)
    values[0xA0], values[0xC0], values[0xC2], values[0xC3] = "", None, False, True
    return values


_OF_ONE_BYTE = _of_one_byte()


class ValueBuffer:
    """Memory for one value at a time."""

    __slots__ = ("_decode", "_feed", "_memory", "_pack", "address", "view")

    def __init__(self) -> None:
        """Is for one thread at a time."""
        self._memory = create_string_buffer(CAPACITY)
        #: The memory itself.
        self.view = memoryview(self._memory).cast("B")
        self.address = addressof(self._memory)
        self._pack = new_packer().pack
        self._renew()

    def _renew(self) -> None:
        unpacker = new_unpacker(max_buffer_size=CAPACITY)
        self._feed = unpacker.feed
        self._decode = unpacker.unpack

    def encode(self, value: Any) -> bytes:
        """Makes MessagePack of a value, not in the memory.

        Raises:
            InvalidArgument: The value, or one within it, has no MessagePack.
        """
        try:
            data: bytes = self._pack(value)
        except BaseException as error:
            # What it has written so far would be a part of the next value.
            self._pack = new_packer().pack
            if isinstance(error, (OverflowError, TypeError, ValueError)):
                raise refused_value(error) from error
            raise
        if len(data) > KEPT_BYTES:
            self._pack = new_packer().pack  # It would hold on to so much memory.
        return data

    def read(self, length: int, elsewhere: int) -> Any:
        """Decodes so many bytes, which C has checked.

        Args:
            length: How many; where there are more than fit, they are elsewhere.
            elsewhere: The address that they have then.

        Raises:
            ContractMismatch: The value has none in Python.
        """
        if length == 1:
            value = _OF_ONE_BYTE[self.view[0]]
            if value is not _LONGER:
                return value
        elif length > CAPACITY:
            return decode(string_at(elsewhere, length))
        view = self.view[:length]
        try:
            self._feed(view)
            return self._decode()
        except BaseException as error:
            # What it has read so far would be a part of the next value.
            self._renew()
            if not isinstance(error, Exception):
                raise
        # Says what is wrong.
        return decode(bytes(view))
