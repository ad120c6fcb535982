"""Owners of handles, and what C's user data stand for."""

import itertools
import os
from typing import Any, ClassVar, Dict

from . import native


class Local:
    """What belongs to its process: it can be neither pickled nor copied."""

    __slots__ = ()

    #: What to do instead.
    _instead = "make one there"

    def __reduce_ex__(self, _: Any) -> Any:
        """Refuses."""
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
        """Frees it. That never waits, and any thread may use the handle meanwhile."""
        # The child of a fork would take it from its parent.
        if os.getpid() == self._process:
            self.free(self.value)


class Slab(Dict[int, Any]):
    """Keeps objects alive for C, which knows them by a number."""

    def __init__(self) -> None:
        """Nothing is kept yet."""
        super().__init__()
        self._keys = itertools.count(1)

    def keep(self, kept: Any) -> int:
        """Keeps an object until C releases the number."""
        key = next(self._keys)
        self[key] = kept
        return key

    def keep_at(self, address: int, kept: Any) -> int:
        """Keeps an object until C releases the address of something of its own."""
        self[address] = kept
        return address

    def drop(self, key: int) -> None:
        """Keeps it no longer."""
        self.pop(key, None)


#: What the user data of every callback stand for.
user_data = Slab()


@native.Free
def release(key: int) -> None:
    """The trampoline that releases user data."""
    user_data.drop(key)
