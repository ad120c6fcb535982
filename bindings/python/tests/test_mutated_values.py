"""Values whose bytes were changed: the decoder returns a value or refuses; it raises nothing else.

CALLGATE_MUTATIONS sets how many are tried.
"""

import json
import os
import random
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Dict, List, Optional, Union

from conftest import CHECKOUT

import callgate
from callgate._contracts.conversion import converter
from callgate._contracts.mismatch import Mismatch
from callgate._values.messagepack import pack, unpack

MUTATIONS = int(os.environ.get("CALLGATE_MUTATIONS", "20000"))
SEED = int(os.environ.get("CALLGATE_SEED", "1"))


@dataclass
class Shape:
    """A record with a field of each kind."""

    number: int
    text: str
    data: Optional[bytes]
    when: Optional[datetime]
    numbers: List[int]
    names: Dict[str, Union[int, str]]


def samples():
    """The bytes of the golden values, and those of a record."""
    vectors = json.loads((CHECKOUT / "tests" / "conformance" / "values.json").read_text("utf-8"))
    found = [bytes.fromhex(vector["hex"]) for vector in vectors["values"]]
    record = {"number": 1, "text": "x", "data": b"y", "when": None, "numbers": [1, 2], "names": {}}
    return [*found, bytes(pack(record))]


def mutated(rng, data, others):
    """Bytes with one to four changes."""
    made = bytearray(data)
    for _ in range(rng.randint(1, 4)):
        at = rng.randint(0, len(made))
        change = rng.randrange(6)
        if change == 0 and at < len(made):
            made[at] ^= 1 << rng.randrange(8)
        elif change == 1 and at < len(made):
            made[at] = rng.choice((0x91, 0xC1, 0xC7, 0xD6, 0xDB, 0xDD, 0xDF, 0xFF))
        elif change == 2:
            del made[at : at + rng.randint(1, 8)]
        elif change == 3:
            made[at:at] = rng.choice(others)
        elif change == 4:
            made[at:at] = rng.getrandbits(32).to_bytes(4, "big")
        else:
            made[at:] = made[: rng.randint(0, len(made))]
    return bytes(made[:4096])


def attempt(function, argument):
    """The result; None if the argument was refused."""
    try:
        return function(argument)
    except callgate.ContractMismatch:
        return None


def test_changed_bytes_are_a_value_or_refused():
    rng = random.Random(SEED)
    originals = samples()
    accepted = 0
    for _ in range(MUTATIONS):
        data = mutated(rng, rng.choice(originals), originals)
        value: Any = attempt(unpack, data)
        accepted += value is not None
        if value is not None and len(originals) < 2000:
            originals.append(data)
    # Both happen often, or the test tries nothing.
    assert MUTATIONS // 20 < accepted < MUTATIONS
    print(f"seed {SEED}: {accepted} of {MUTATIONS} accepted")


def test_changed_records_are_converted_or_refused():
    rng = random.Random(SEED)
    convert = converter(Shape)
    original = [samples()[-1]]
    for _ in range(MUTATIONS // 4):
        data = mutated(rng, original[0], original)
        value = attempt(unpack, data)
        if value is not None:
            try:
                convert.receive(value)
            except Mismatch:
                continue
