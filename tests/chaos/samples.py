"""What the lasting processes hold, sampled each second, and whether it stays level."""

import json
import statistics
import time
from pathlib import Path
from typing import Any, Dict, List

from processes import usage
from stage import Stage

#: The share of a run that is left out; then the first and the last third of the rest are compared.
#: Pools, allocators and collectors take minutes to reach what the attacks make them use.
_WARM_UP = 1 / 3

#: A shorter run only shows how processes begin.
_SHORTEST = 200

#: What the median of the last third may have more than that of the first, absolutely or relatively:
#: memory that allocators and collectors keep, and the threads that the calls of one attacking
#: connection may take.
_MORE = {"memory": (8 << 20, 0.25), "descriptors": (8, 0), "threads": (16, 0)}

#: The two ends of a record of a call.
_BYTES_OF_CALL = 32


class Samples:
    """The figures of a run, second by second."""

    def __init__(self, stage: Stage, started: float) -> None:
        self._stage = stage
        self._started = started
        self._sizes: Dict[Path, int] = {}
        self.seconds: List[float] = []
        self.calls: List[int] = []
        #: By the name of the process and what is sampled.
        self.figures: Dict[str, Dict[str, List[int]]] = {}

    def take(self) -> None:
        """Samples each lasting process, and counts the calls so far."""
        self.seconds.append(time.monotonic() - self._started)
        for process in self._stage.lasting:
            process.check()
            columns = self.figures.setdefault(process.name, {})
            for what, figure in usage(process.id).items():
                columns.setdefault(what, []).append(figure)
        for client in self._stage.clients:
            self._sizes[client.record] = client.record.stat().st_size
        self.calls.append(sum(self._sizes.values()) // _BYTES_OF_CALL)

    def silent(self, seconds: float) -> List[str]:
        """The clients whose record has not grown for that long."""
        now = time.monotonic()
        records = [client.record for client in self._stage.clients]
        return [path.name for path in records if now - _changed(path) > seconds]

    def growing(self) -> List[str]:
        """What does not stay level. A short run is never warm."""
        found: List[str] = []
        if self.seconds[-1] < _SHORTEST:
            return found
        for name, columns in self.figures.items():
            for what, figures in columns.items():
                first, last = thirds(figures)
                most = first + max(_MORE[what][0], first * _MORE[what][1])
                if last > most:
                    found.append(f"{name}: {what} grows from {first:.0f} to {last:.0f}")
        return found

    def save(self, path: Path, events: List[Any]) -> None:
        """Keeps the figures, for other pictures."""
        held = {"seconds": self.seconds, "calls": self.calls, "figures": self.figures}
        path.write_text(json.dumps({**held, "events": events}))


def thirds(figures: List[int]) -> List[float]:
    """The medians of the first and of the last third, once the run is warm."""
    warm = figures[int(len(figures) * _WARM_UP) :]
    size = max(1, len(warm) // 3)
    return [statistics.median(warm[:size]), statistics.median(warm[-size:])]


def _changed(path: Path) -> float:
    """When a file was last written, by the monotonic clock."""
    return time.monotonic() - (time.time() - path.stat().st_mtime)
