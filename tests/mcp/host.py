"""A host that serves and describes IPlaces until its standard input ends."""

import sys
from dataclasses import dataclass
from typing import List, Protocol

import callgate


@dataclass
class Place:
    """A place."""

    name: str
    height: float
    tags: List[str]


class NoSuchPlace(Exception):
    """There is no place of this name."""


@callgate.interface("IPlaces")
class IPlaces(Protocol):
    """Knows places."""

    def Add(self, a: int, b: int = 1) -> int:  # noqa: N802
        """Returns the sum."""
        ...

    @callgate.raises("NoSuchPlace")
    def Find(self, name: str) -> Place:  # noqa: N802
        """Finds a place by its name."""
        ...

    def Size(self, data: bytes) -> int:  # noqa: N802
        """Returns the number of bytes."""
        ...

    def Wait(self) -> None:  # noqa: N802
        """Waits until the caller no longer does."""
        ...

    @callgate.one_way
    def Log(self, line: str) -> None:  # noqa: N802
        """Prints a line."""
        ...


class Places:
    """Serves IPlaces."""

    def Add(self, a: int, b: int = 1) -> int:  # noqa: N802
        """Returns the sum."""
        return a + b

    def Find(self, name: str) -> Place:  # noqa: N802
        """Finds one place alone."""
        if name != "Brocken":
            raise NoSuchPlace(f"there is no {name}")
        return Place("Brocken", 1141.2, ["Harz"])

    def Size(self, data: bytes) -> int:  # noqa: N802
        """Returns the number of bytes."""
        return len(data)

    def Wait(self) -> None:  # noqa: N802
        """Says when it starts and when nobody waits any more."""
        print("waiting", flush=True)
        callgate.current_call().wait_cancelled(60)
        print("cancelled", flush=True)

    def Log(self, line: str) -> None:  # noqa: N802
        """Prints a line."""
        print(line, flush=True)


with callgate.Host(sys.argv[1], exceptions={"NoSuchPlace": NoSuchPlace}) as host:
    host.add(IPlaces, Places())
    host.start()
    print("listening", flush=True)
    sys.stdin.read()
