"""Memory that C puts small values into, and what decodes them there: used again and again."""

from ctypes import addressof, create_string_buffer, string_at
from typing import Any

from ._values import decode, new_unpacker

#: How large a value may be to be copied there.
CAPACITY = 4096


class Space:
    """Memory for one value at a time."""

    __slots__ = ("_decode", "_feed", "_memory", "_view", "address")

    def __init__(self) -> None:
        """Is for one thread at a time."""
        self._memory = create_string_buffer(CAPACITY)
        self._view = memoryview(self._memory).cast("B")
        self.address = addressof(self._memory)
        self._renew()

    def _renew(self) -> None:
        unpacker = new_unpacker(max_buffer_size=CAPACITY)
        self._feed = unpacker.feed
        self._decode = unpacker.unpack

    def read(self, length: int, elsewhere: int) -> Any:
        """Decodes so many bytes, which C has checked.

        Args:
            length: How many; where there are more than fit, they are elsewhere.
            elsewhere: The address that they have then.

        Raises:
            ContractMismatch: The value has none in Python.
        """
        if length > CAPACITY:
            return decode(string_at(elsewhere, length))
        view = self._view[:length]
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
