"""An independent peer, written from PROTOCOL.md alone: it shares no code with Callgate.

Contains what both roles need: messages, and a connection that checks everything it receives.
"""

import socket
import struct

import msgpack

PATIENCE = 30  # seconds; only a peer that hangs takes so long

# kind: (number, whether it has a payload, header)
KINDS = {
    "hello": (
        0,
        True,
        "magic:text min_version:uint32 max_version:uint32 offered:features"
        " required:features limits:limits who:map",
    ),
    "welcome": (
        1,
        True,
        "version:uint32 features:features limits:limits connection_id:uint who:map",
    ),
    "refuse": (3, False, "status:int message:text"),
    "call": (
        4,
        True,
        "id:uint flags:uint interface:name method:name signature:text? timeout:uint?"
        " lane:uint parent:uint? metadata:metadata?",
    ),
    "one_way": (
        5,
        True,
        "flags:uint interface:name method:name signature:text? lane:uint"
        " parent:uint? metadata:metadata?",
    ),
    "reply": (6, True, "id:uint flags:uint"),
    "error": (7, True, "id:uint status:int execution:int message:text type_name:text? trace:text?"),
    "cancel": (8, False, "id:uint"),
    "credit": (9, False, "calls:uint bytes:uint"),
    "part": (10, True, "transfer:uint flags:uint"),
    "ping": (11, False, "token:uint"),
    "pong": (12, False, "token:uint"),
    "goodbye": (13, False, "status:int message:text"),
}
NAMES = {number: kind for kind, (number, _, _) in KINDS.items()}
USUAL = {
    "magic": "callgate",
    "min_version": 1,
    "max_version": 1,
    "version": 1,
    "offered": [],
    "required": [],
    "features": [],
    "limits": {},
    "who": {},
    "connection_id": 1,
    "flags": 0,
    "interface": "IPeer",
    "lane": 0,
    "status": 1,
    "execution": 1,
    "message": "",
}
UNSTATED = {
    "frame": 1 << 20,
    "calls": 64,
    "bytes": 1 << 21,
    "nested_calls": 64,
    "nested_bytes": 1 << 21,
}
HANDSHAKE_FRAME = 65_536


def is_text(value, longest=1 << 32):
    return isinstance(value, str) and len(value.encode()) <= longest


def is_int(value, least, most):
    return type(value) is int and least <= value <= most


CHECKS = {
    "uint": lambda value: is_int(value, 0, 2**64 - 1),
    "uint32": lambda value: is_int(value, 0, 2**32 - 1),
    "int": lambda value: is_int(value, -(2**63), 2**63 - 1),
    "text": is_text,
    "name": lambda value: is_text(value, 1024) and value,
    "features": lambda value: (
        isinstance(value, list)
        and len(value) <= 256
        and all(is_text(name, 255) and name for name in value)
    ),
    "map": lambda value: isinstance(value, dict) and all(map(is_text, value)),
    "limits": lambda value: CHECKS["map"](value) and all(map(CHECKS["uint"], value.values())),
    "metadata": lambda value: CHECKS["map"](value) and all(map(is_text, value.values())),
}


def fields_of(kind):
    return [field.split(":") for field in KINDS[kind][2].split()]


def longest(value):
    """MessagePack's longest form of a value."""
    if isinstance(value, str):
        return b"\xdb" + struct.pack(">I", len(value.encode())) + value.encode()
    if isinstance(value, list):
        return b"\xdd" + struct.pack(">I", len(value)) + b"".join(map(longest, value))
    if isinstance(value, dict):
        pairs = b"".join(longest(key) + longest(one) for key, one in value.items())
        return b"\xdf" + struct.pack(">I", len(value)) + pairs
    if type(value) is int:
        return (
            struct.pack(">BQ", 0xCF, value) if value >= 2**63 else struct.pack(">Bq", 0xD3, value)
        )
    return msgpack.packb(value)


def encode(kind, value=None, payload=None, extra=(), wide=False, **given):
    """A frame. `extra` stands for the elements that later versions may add."""
    number, has_payload, _ = KINDS[kind]
    pack = longest if wide else msgpack.packb
    header = [given.pop(name, USUAL.get(name)) for name, _ in fields_of(kind)]
    assert not given, f"{kind} has no {list(given)}"
    elements = [number, *header, *extra]
    count = len(elements) + has_payload
    head = struct.pack(">BI", 0xDD, count) if wide or count > 15 else bytes([0x90 + count])
    body = head + b"".join(map(pack, elements))
    if has_payload:
        body += pack(value) if payload is None else payload
    return struct.pack("<I", len(body)) + body


class Message:
    """A message, decoded and checked."""

    def __init__(self, body):
        unpacker = msgpack.Unpacker(strict_map_key=False)
        unpacker.feed(body)
        count = unpacker.read_array_header()
        self.kind = NAMES[unpacker.unpack()]
        self.length = len(body)
        self.parent = self.payload = self.between = None
        _, has_payload, _ = KINDS[self.kind]
        fields = fields_of(self.kind)
        assert count >= 1 + len(fields) + has_payload, f"{self.kind} has too few elements"
        for name, form in fields:
            value = unpacker.unpack()
            fits = (value is None and form.endswith("?")) or CHECKS[form.rstrip("?")](value)
            assert fits, f"{self.kind}.{name} is {value!r}"
            setattr(self, name, value)
        for _ in range(count - 1 - len(fields) - has_payload):
            unpacker.skip()
        if has_payload:
            self.payload = body[unpacker.tell() :]
            assert self.payload, f"{self.kind} has no payload"
        else:
            assert unpacker.tell() == len(body), f"bytes stand behind a {self.kind}"

    def __repr__(self):
        return f"Message({self.__dict__})"

    def value(self):
        return msgpack.unpackb(self.payload, strict_map_key=False)


class Ledger:
    """The calls of one side, checked against the limits of the other."""

    def __init__(self, takes):
        takes = {**UNSTATED, **takes}
        self.frame = min(takes["frame"], 2**32 - 1)
        self.left = {
            False: [takes["calls"], takes["bytes"]],
            True: [takes["nested_calls"], takes["nested_bytes"]],
        }
        self.made = set()
        self.unanswered = {}
        self.one_way = [0, 0]

    def has_room(self, length):
        return self.left[False][0] >= 1 and self.left[False][1] >= length

    def add(self, account, calls, length):
        account[0] += calls
        account[1] += length
        assert min(account) >= 0, f"credit is exceeded: {account}"

    def sends(self, message):
        """Notes a message from this side."""
        assert message.length <= self.frame, f"a frame of {message.length} bytes"
        if message.kind == "call":
            nested = message.parent is not None
            assert message.id not in self.made, f"id {message.id} was used before"
            self.made.add(message.id)
            self.unanswered[message.id] = (nested, message.length)
            self.add(self.left[nested], -1, -message.length)
        elif message.kind == "one_way":
            self.add(self.one_way, 1, message.length)
            self.add(self.left[False], -1, -message.length)

    def hears(self, message):
        """Notes a message from the other side. False for a reply to no waiting call."""
        if message.kind in ("reply", "error"):
            if message.id not in self.unanswered:
                return False
            nested, length = self.unanswered.pop(message.id)
            self.add(self.left[nested], 1, length)
        elif message.kind == "credit":
            self.add(self.one_way, -message.calls, -message.bytes)
            self.add(self.left[False], message.calls, message.bytes)
        return True


class Peer:
    """One connection, from its first byte."""

    def __init__(self, stream, write=None, **takes):
        stream.settimeout(PATIENCE)
        if stream.family == socket.AF_INET:
            stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.stream, self.write = stream, write or stream.sendall
        self.takes = takes
        self.mine, self.theirs = (
            Ledger({"frame": HANDSHAKE_FRAME}),
            Ledger({"frame": HANDSHAKE_FRAME}),
        )
        self.last_id = 0
        self.cancelled = []
        self.joiner = None

    def established(self, takes, features=()):
        self.mine, self.theirs = Ledger(takes), Ledger(self.takes)
        if "parts" in features:
            self.joiner = parts.Joiner(self.theirs.frame)

    def frame(self, kind, value=None, **how):
        """A frame about to be sent."""
        frame = encode(kind, value, **how)
        message = Message(frame[4:])
        self.mine.sends(message)
        self.theirs.hears(message)
        return frame

    def send(self, kind, value=None, **how):
        self.write(self.frame(kind, value, **how))

    def call(self, method, *arguments, **how):
        """Sends a call, and returns its id."""
        self.last_id += 1
        how = {"id": self.last_id, "method": method, **how}
        self.await_room(encode("call", list(arguments), **how), how.get("parent"))
        self.send("call", list(arguments), **how)
        return how["id"]

    def result(self, method, *arguments, **how):
        call = self.call(method, *arguments, **how)
        return self.expect("reply", id=call).value()

    def one_way(self, method, *arguments, **how):
        """Sends a one-way call."""
        self.await_room(encode("one_way", list(arguments), method=method, **how))
        self.send("one_way", list(arguments), method=method, **how)

    def await_room(self, frame, parent=None):
        """Waits for credit, unless a nested call takes it from its own allowance."""
        while parent is None and not self.mine.has_room(len(frame) - 4):
            self.expect("credit")

    def read(self, count):
        read = bytearray()
        while len(read) < count:
            more = self.stream.recv(count - len(read))
            if not more:
                break
            read += more
        return bytes(read)

    def receive_frame(self):
        """The next frame, or None at the end."""
        try:
            head = self.read(4)
        except ConnectionResetError:
            return None
        if not head:
            return None
        (length,) = struct.unpack("<I", head)
        body = self.read(length)
        assert 0 < length == len(body), "a frame was cut"
        return Message(body)

    def receive(self):
        """The next message, or None at the end."""
        message = self.receive_frame()
        while message and message.kind == "part":
            assert self.joiner, "a part, although parts were not agreed on"
            assert message.length <= self.theirs.frame, f"a part of {message.length} bytes"
            joined = self.joiner.add(message)
            if joined:
                message = Message(joined[0])
                message.between = joined[1]
                parts.check_joined(message, message.between)
            else:
                message = self.receive_frame()
        if message is None:
            return None
        if self.joiner:
            self.joiner.between(message)
        self.theirs.sends(message)
        assert self.mine.hears(message), f"an answer that nobody awaits: {message}"
        return message

    def expect(self, kind, **fields):
        """The next message, which must be as given. Handles messages that may come at any time."""
        while True:
            message = self.receive()
            assert message, f"expected {kind}, but the stream ended"
            if message.kind == kind:
                break
            if message.kind == "ping":
                self.send("pong", token=message.token)
            elif message.kind == "cancel":
                self.cancelled.append(message.id)
            else:
                assert message.kind == "credit", f"expected {kind} {fields}, got {message}"
        for name, value in fields.items():
            assert getattr(message, name) == value, f"expected {kind} {fields}, got {message}"
        return message

    def expect_error(self, call, status, execution, *words):
        error = self.expect("error", id=call, status=status, execution=execution)
        assert all(word in error.message for word in words), f"{words} missing in {error}"
        return error

    def expect_goodbye(self, *words):
        """A goodbye that gives a protocol error as its reason, and then the end of the stream."""
        goodbye = self.expect("goodbye", status=3)
        assert all(word in goodbye.message for word in ("protocol error", *words)), goodbye
        assert self.receive() is None, "the stream goes on"

    def expect_end(self, *farewells):
        """The end of the stream, possibly after one of these with status 3."""
        message = self.receive()
        if message is not None:
            assert message.kind in farewells and message.status == 3, f"unexpected: {message}"
            assert self.receive() is None, "the stream goes on"


import parts  # noqa: E402 (which needs `encode`)


def run(scenarios):
    """Runs what the input requests: each line names a scenario and an address, e.g. `calls
    /tmp/x.sock`; an address without a slash is a TCP port of 127.0.0.1. Prints `done` after each.
    Any failure raises, and ends the process.
    """
    while True:
        try:
            scenario, address = input().split(" ", 1)
        except EOFError:
            return
        scenarios[scenario](address)
        say("done")


def say(text):
    print(text, flush=True)
