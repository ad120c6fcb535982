"""Shows that the accounts find what they are for: each planted fault must be found."""

import struct
import tempfile
from pathlib import Path
from typing import Dict, List, Tuple

from accounts import Accounts
from stage import CALM, DOOMED, TRIED

Pairs = List[Tuple[int, int]]

_RUN, _TELL, _SLOW = 0, 1, 4
_BEGUN, _OK, _NOT_RUN, _RAN, _UNKNOWN, _WRONG = range(6)
_FAULTED, _TIMED_OUT = 3 << 8, 4 << 8


def _id(client: int, call: int, kind: int = _RUN, lane: int = 1) -> int:
    return client << 40 | lane << 36 | kind << 32 | call


def _one(client: int, outcome: int, runs: int, kind: int = _RUN) -> Tuple[Pairs, Pairs]:
    """The records of a single call: the client's and the host's."""
    call = _id(client, 0, kind)
    ended = [] if outcome == _BEGUN else [(call, outcome)]
    return [(call, _BEGUN), *ended], [(call, 1)] * runs


def _swapped(lane: int) -> Tuple[Pairs, Pairs]:
    """Three calls, one after the other; the last two ran in the wrong order."""
    calls = [_id(TRIED, call, lane=lane) for call in range(3)]
    ends = [pair for call in calls for pair in ((call, _BEGUN), (call, _OK))]
    return ends, [(calls[0], 1), (calls[2], 1), (calls[1], 1)]


_RIGHT: Dict[str, Tuple[Pairs, Pairs]] = {
    "a call that succeeded": _one(CALM, _OK, 1),
    "a lost call that may have run": _one(TRIED, _UNKNOWN | _FAULTED, 0),
    "a lost call that ran": _one(TRIED, _UNKNOWN | _FAULTED, 1),
    "a lost one-way call": _one(TRIED, _OK, 0, _TELL),
    "a call of a client that was killed": _one(DOOMED, _BEGUN, 1),
    "an order that nothing promises": _swapped(0),
}

_WRONG_ONES: Dict[str, Tuple[Pairs, Pairs]] = {
    "a success that never ran": _one(TRIED, _OK, 0),
    "a call that ran twice": _one(TRIED, _UNKNOWN | _FAULTED, 2),
    "one that ran although it did not": _one(TRIED, _NOT_RUN | _FAULTED, 1),
    "one that did not run although it ran": _one(TRIED, _RAN | _TIMED_OUT, 0),
    "a call without an outcome": _one(TRIED, _BEGUN, 1),
    "a wrong result": _one(TRIED, _WRONG, 1),
    "a failure without a cause": _one(CALM, _UNKNOWN | _FAULTED, 0),
    "a one-way call lost without a cause": _one(CALM, _OK, 0, _TELL),
    "a result after the deadline": _one(TRIED, _OK, 1, _SLOW),
    "a second outcome": ([*_one(CALM, _OK, 1)[0], (_id(CALM, 0), _OK)], _one(CALM, _OK, 1)[1]),
    "a call that nobody made": (_one(CALM, _OK, 1)[0], [(_id(CALM, 0), 1), (_id(CALM, 7), 1)]),
    "one-way calls out of order": _swapped(1),
    "ordered calls out of order": _swapped(2),
}


def _violations(records: Tuple[Pairs, Pairs]) -> List[str]:
    with tempfile.TemporaryDirectory() as folder:
        for name, pairs in zip(("a.client", "a.host"), records):
            data = b"".join(struct.pack("<QQ", *pair) for pair in pairs)
            Path(folder, name).write_bytes(data)
        return Accounts(Path(folder)).violations


def unfound() -> List[str]:
    """The planted faults that the accounts miss, and what they find where nothing is wrong."""
    missed = [what for what, records in _WRONG_ONES.items() if not _violations(records)]
    return missed + [what for what, records in _RIGHT.items() if _violations(records)]
