"""Frames in parts: cutting them, and joining them by the rules."""

import struct

from peer import encode

MOST = 4
ALLOWED = ("call", "one_way", "reply", "error")


def cut(frame, *sizes, transfer=0, **how):
    """The parts of a frame: slices of these sizes, and a last one with what is left."""
    body, parts = frame[4:], []
    for size in sizes:
        parts.append((body[:size], 0))
        body = body[size:]
    parts.append((body, 1))
    return [encode("part", piece, transfer=transfer, flags=last, **how) for piece, last in parts]


class Joiner:
    """The parts that have arrived in one direction."""

    def __init__(self, limit):
        self.limit = limit
        self.transfers = {}
        self.largest_part = 0

    def between(self, message):
        """Notes a message other than a part: it is between the parts of all transfers."""
        for transfer in self.transfers.values():
            transfer["between"].append(message)

    def add(self, part):
        """Adds a part. After the last one: the frame's body, and what was between its parts."""
        piece, last = part.value(), part.flags & 1
        assert isinstance(piece, bytes) and (piece or last), f"an empty part: {part}"
        transfer = self.transfers.setdefault(part.transfer, {"body": bytearray(), "between": []})
        assert len(self.transfers) <= MOST, "too many frames in parts"
        transfer["body"] += piece
        together = sum(len(one["body"]) for one in self.transfers.values())
        assert together <= self.limit, f"{together} bytes in parts"
        self.largest_part = max(self.largest_part, part.length)
        if not last:
            return None
        del self.transfers[part.transfer]
        return bytes(transfer["body"]), transfer["between"]


def check_joined(message, between):
    """A joined frame, and what has overtaken it."""
    assert message.kind in ALLOWED, f"a {message.kind} in parts"
    lanes = [other.lane for other in between if other.kind in ("call", "one_way")]
    assert getattr(message, "lane", None) not in lanes, f"{message.lane} was overtaken"


def with_its_length(body):
    return struct.pack("<I", len(body)) + body
