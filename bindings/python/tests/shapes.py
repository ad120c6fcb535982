"""An interface as an annotated class, and a class that serves it."""

import asyncio
import threading
from dataclasses import dataclass
from typing import List, Optional, Protocol, runtime_checkable

import callgate


@dataclass
class Point:
    x: int
    y: int = 0


class Named(Protocol):
    def Name(self) -> str: ...


@callgate.interface("Test.IShapes")
@runtime_checkable
class Shapes(Named, Protocol):
    def Mirror(self, point: Point) -> Point: ...

    def Sum(self, points: List[Point], scale: int = 1) -> Point: ...

    def Wrong(self, what: str) -> int: ...

    @callgate.one_way
    def Note(self, line: str) -> None: ...

    @callgate.method("Later")
    async def count(self, names: List[str], extra: Optional[int] = None) -> int: ...


class Served:
    def __init__(self):
        self.lines = []
        self.noted = threading.Event()

    def Name(self):
        return "shapes"

    def Mirror(self, point):
        return Point(point.y, point.x)

    def Sum(self, points, scale=1):
        return Point(scale * sum(p.x for p in points), scale * sum(p.y for p in points))

    def Wrong(self, what):
        return {"text": "text", "none": None, "large": 1 << 64}[what]

    def Note(self, line):
        self.lines.append(line)
        self.noted.set()

    async def count(self, names, extra=None):
        await asyncio.sleep(0)
        return len(names) + (extra or 0)

    def Beyond(self):
        return "not part of the interface"
