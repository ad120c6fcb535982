"""Owners of handles, and the objects that the user data of callbacks refer to."""

import itertools
import os
from typing import Any, ClassVar, Dict

from . import structs


class Local:
    """An object that belongs to its process: it can be neither pickled nor copied."""

    __slots__ = ()

    #: What to do instead.
    _instead = "create one there"

    def __reduce_ex__(self, _: Any) -> Any:
        """Raises TypeError."""
        kind = type(self).__name__
        raise TypeError(
            f"a {kind} belongs to its process and can be neither pickled nor copied: "
            f"{self._instead}"
        )


class Handle(Local):
    """Owns a handle of the C library."""

    __slots__ = ("__weakref__", "_process", "value")
    _instead = "use the object that it belongs to"

    #: The C function that frees it.
    free: ClassVar[Any]

    def __init__(self, value: int) -> None:
        """Takes over a handle."""
        self.value = value
        self._process = os.getpid()

    def __del__(self) -> None:
        """Frees the handle, without waiting, even while another thread uses it."""
        # In a forked child the handle belongs to the parent.
        if os.getpid() == self._process:
            self.free(self.value)


class Slab(Dict[int, Any]):
    """Keeps objects alive for C, which refers to each by a number."""

    def __init__(self) -> None:
        """Creates an empty slab."""
        super().__init__()
        self._keys = itertools.count(1)

    def keep(self, kept: Any) -> int:
        """Keeps an object until C releases the number, which is returned."""
        key = next(self._keys)
        self[key] = kept
        return key

    def keep_at(self, address: int, kept: Any) -> int:
        """Keeps an object until C releases the address, at which the object has memory."""
        self[address] = kept
        return address

    def drop(self, key: int) -> None:
        """Releases an object."""
        self.pop(key, None)


#: The objects that the user data of all callbacks refer to.
user_data = Slab()


@structs.Free
def release(key: int) -> None:
    """The trampoline that releases user data."""
    user_data.drop(key)
