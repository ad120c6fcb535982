"""Compares what clients have recorded of their calls with what hosts have recorded of what ran."""

import struct
from array import array
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Dict, Iterator, List, Set, Tuple

from stage import CALM, DOOMED, SPOILED, TRIED

#: The kinds of calls, as their ids have them, and how they end: see README.md.
RUN, TELL, ECHO, BACK, SLOW, CANCELLED, HASTY = range(7)
BEGUN, OK, NOT_RUN, RAN, UNKNOWN, WRONG = range(6)
_NAMES = ("begun", "ok", "not run", "ran", "unknown", "wrong result")

_REMOTE, _FAULTED, _TIMED_OUT, _CANCELLED, _CLOSED = 1, 3, 4, 5, 6

#: The lanes whose calls of one connection run in order: all but the mixed one.
_IN_ORDER = (1, 2)

_MOST_SHOWN = 20


@dataclass
class Lane:
    """The calls of a thread, by their number: kinds, how they ended, how often they ran.

    Attributes:
        barriers: The number below which all calls had ended when this one began.
    """

    client: int
    kinds: bytearray = field(default_factory=bytearray)
    outcomes: bytearray = field(default_factory=bytearray)
    statuses: bytearray = field(default_factory=bytearray)
    runs: bytearray = field(default_factory=bytearray)
    barriers: "array[int]" = field(default_factory=lambda: array("L"))
    _open: Set[int] = field(default_factory=set)

    def begin(self, kind: int) -> None:
        """Adds a call."""
        call = len(self.kinds)
        self.barriers.append(min(self._open, default=call))
        self._open.add(call)
        self.kinds.append(kind)
        for column in (self.outcomes, self.statuses, self.runs):
            column.append(0)

    def end(self, call: int, what: int) -> bool:
        """Ends a call; returns whether that is its first outcome."""
        self.outcomes[call], self.statuses[call] = what & 255, what >> 8
        if call not in self._open:
            return False
        self._open.remove(call)
        return True


def pairs(path: Path) -> Iterator[Tuple[int, int]]:
    """The pairs of numbers of a record."""
    data = path.read_bytes()
    return struct.iter_unpack("<QQ", data[: len(data) // 16 * 16])


class Accounts:
    """The calls of a run."""

    def __init__(self, folder: Path) -> None:
        self.violations: List[str] = []
        self.counts: Counter[str] = Counter()
        self._lanes: Dict[int, Lane] = {}
        for path in sorted(folder.glob("*.client")):
            self._read_client(path)
        for path in sorted(folder.glob("*.host")):
            self._read_host(path)
        for prefix, lane in self._lanes.items():
            self._check(prefix, lane)

    @property
    def calls(self) -> int:
        """How many calls were begun."""
        return sum(len(lane.kinds) for lane in self._lanes.values())

    def _violation(self, words: str) -> None:
        self.counts["violations"] += 1
        if len(self.violations) < _MOST_SHOWN:
            self.violations.append(words)

    def _read_client(self, path: Path) -> None:
        for number, what in pairs(path):
            prefix, call = number >> 36, number & 0xFFFFFFFF
            if what == BEGUN:
                lane = self._lanes.setdefault(prefix, Lane(number >> 40))
                lane.begin(number >> 32 & 15)
            elif not self._lanes[prefix].end(call, what):
                self._violation(f"{path.name}: call {number:x} has a second outcome")

    def _read_host(self, path: Path) -> None:
        # The first and the latest call of a lane that ran on a connection.
        bounds: Dict[Tuple[int, int], Tuple[int, int]] = {}
        for number, delegate in pairs(path):
            prefix, call = number >> 36, number & 0xFFFFFFFF
            lane = self._lanes.get(prefix)
            if lane is None or call >= len(lane.kinds):
                self._violation(f"{path.name}: call {number:x} ran, which nobody has made")
                continue
            lane.runs[call] = min(lane.runs[call] + 1, 255)
            first, latest = bounds.get((delegate, prefix), (call, -1))
            bounds[delegate, prefix] = (first, call)
            # Calls made before the connection was there are in no order.
            ordered = prefix & 15 in _IN_ORDER and first < lane.barriers[call]
            if ordered and call < latest and lane.client < SPOILED:
                self._violation(f"{path.name}: call {number:x} ran after number {latest}")

    def _check(self, prefix: int, lane: Lane) -> None:
        columns = zip(lane.kinds, lane.outcomes, lane.statuses, lane.runs)
        for call, (kind, outcome, status, runs) in enumerate(columns):
            self.counts[_NAMES[outcome]] += 1
            self.counts["runs"] += runs
            wrong = _wrong(lane.client, kind, outcome, status, runs)
            if wrong:
                what = f"call {call} of lane {prefix & 15} of client {lane.client}, kind {kind}"
                self._violation(f"{what}, {_NAMES[outcome]}, status {status}, {runs} runs: {wrong}")


def _wrong(client: int, kind: int, outcome: int, status: int, runs: int) -> str:
    """What is wrong with a call that ended so, and ran so often."""
    if runs > 1:
        return "it ran more than once"
    if client >= SPOILED:
        return ""
    if outcome == BEGUN:
        return "" if client >= DOOMED else "it has no outcome"
    if outcome == WRONG:
        return "a wrong result"
    expected = {OK: 1, NOT_RUN: 0, RAN: 1}.get(outcome, runs)
    if kind == TELL and outcome == OK and client >= TRIED:
        # A one-way call that was queued may be lost with its connection.
        expected = runs
    if runs != expected:
        return "the outcome is not true"
    if outcome == OK:
        return "a result after it was cancelled" if kind in (SLOW, CANCELLED) else ""
    return "" if status in _statuses(client, kind) else "a status that has no cause here"


def _statuses(client: int, kind: int) -> List[int]:
    """How a call may fail."""
    usual = {SLOW: [_TIMED_OUT], HASTY: [_TIMED_OUT], CANCELLED: [_TIMED_OUT, _CANCELLED]}
    own = usual.get(kind, [])
    if CALM <= client < TRIED:
        return own
    if kind == BACK:
        own = [_REMOTE]
    return [*own, _FAULTED, _TIMED_OUT, _CLOSED]
