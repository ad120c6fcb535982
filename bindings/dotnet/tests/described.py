"""Plays the other end of the .NET binding's tests of descriptions.

Run it with: python described.py host|client pipe://name
"""

import enum
import sys
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any, Dict, List, Optional, Protocol, Set, Tuple
from uuid import UUID

import callgate


class Kind(enum.IntEnum):
    """An enumeration that .NET has too."""

    SMALL = 0
    LARGE = 1


@dataclass
class Thing:
    """A record that .NET has too."""

    Name: str
    Kind: Kind
    Next: Optional["Thing"] = None


@callgate.interface("ICatalogue")
class Catalogue(Protocol):
    """Every kind of value that both languages have."""

    def Count(self, n: int) -> int: ...  # noqa: D102, N802

    def Sum(self, numbers: List[int]) -> int: ...  # noqa: D102, N802

    def Find(self, name: str, otherwise: Optional[str] = None) -> Optional[str]: ...  # noqa: D102, N802

    def Bytes(self, data: bytes) -> bytes: ...  # noqa: D102, N802

    def Moment(self, at: datetime) -> datetime: ...  # noqa: D102, N802

    def Half(self, number: float) -> float: ...  # noqa: D102, N802

    def Single(self, number: float) -> float: ...  # noqa: D102, N802

    def Price(self, price: Decimal) -> Decimal: ...  # noqa: D102, N802

    def Id(self, number: UUID) -> UUID: ...  # noqa: D102, N802

    def Span(self, span: timedelta) -> timedelta: ...  # noqa: D102, N802

    def Swap(self, thing: Thing) -> Thing: ...  # noqa: D102, N802

    def Which(self, kind: Kind) -> Kind: ...  # noqa: D102, N802

    def Tally(self, all: Dict[str, int]) -> Dict[str, int]: ...  # noqa: D102, N802

    def Pair(self, pair: Tuple[int, str]) -> Tuple[int, str]: ...  # noqa: D102, N802

    def Tags(self, tags: Set[str]) -> Set[str]: ...  # noqa: D102, N802

    def Anything(self, value: Any) -> Any: ...  # noqa: D102, N802

    async def Later(self, n: int) -> int: ...  # noqa: D102, N802

    @callgate.one_way
    def Note(self, line: str) -> None: ...  # noqa: D102, N802


@callgate.interface("ICatalogue")
class OtherCatalogue(Protocol):
    """A later version."""

    def Count(self, n: str) -> int: ...  # noqa: D102, N802

    def Note(self, line: str) -> None: ...  # noqa: D102, N802


class Echo:
    """Returns what it is given."""

    def __getattr__(self, name: str) -> Any:
        """Any method."""
        if name.startswith("_"):
            raise AttributeError(name)
        return lambda value, *more: value


def host(endpoint: str) -> None:
    """Serves until the standard input ends."""
    with callgate.Host(endpoint) as serving:
        serving.add(Catalogue, Echo())
        serving.start()
        print("listening", flush=True)
        sys.stdin.read()


VALUES = {
    "Count": 5,
    "Sum": [1, 2],
    "Find": "name",
    "Bytes": b"bytes",
    "Moment": datetime(2020, 2, 3, tzinfo=timezone.utc),
    "Half": 0.5,
    "Single": 0.5,
    "Price": Decimal("1.50"),
    "Id": UUID(int=1),
    "Span": timedelta(seconds=5),
    "Swap": Thing("one", Kind.LARGE, Thing("two", Kind.SMALL)),
    "Which": Kind.LARGE,
    "Tally": {"a": 1},
    "Pair": (1, "one"),
    "Tags": {"tag"},
    "Anything": [1, "two"],
}


def client(endpoint: str) -> None:
    """Compares its description with the host's, and calls."""
    with callgate.Client(endpoint) as calling:
        catalogue = calling.proxy(Catalogue)
        callgate.verify(catalogue)
        for method, value in VALUES.items():
            returned = getattr(catalogue, method)(value)
            if method != "Sum":
                assert returned == value, (method, returned)
        catalogue.Note("a line")
        try:
            callgate.verify(calling.proxy(OtherCatalogue))
        except callgate.ContractMismatch as error:
            print(error)


{"host": host, "client": client}[sys.argv[1]](sys.argv[2])
