"""The peer as a client. The host serves `IPeer`; service.rs tells how."""

import socket

from parts import cut, with_its_length
from peer import HANDSHAKE_FRAME, UNSTATED, Peer, encode, is_text, run, say


def dial(address, **how):
    by_path = "/" in address
    stream = socket.socket(socket.AF_UNIX if by_path else socket.AF_INET)
    stream.connect(address if by_path else ("127.0.0.1", int(address)))
    return Peer(stream, **how)


def connect(address, hello=(), **how):
    peer = dial(address, **how)
    hello = dict(hello)
    peer.send("hello", **{"limits": peer.takes, **hello})
    welcome = peer.expect("welcome", version=1)
    assert set(welcome.features) <= {*hello.get("offered", []), *hello.get("required", [])}
    peer.established(welcome.limits, welcome.features)
    peer.welcome = welcome
    return peer


def handshake(address):
    hello = {
        "max_version": 9,
        "offered": ["com.example.trace", "com.example.\u20ac"],
        "limits": {"later": 2**64 - 1, "frame": 2**40},
        "wide": True,
        "extra": [None, {"a": [1]}],
        "who": {"library": "peer.py", "pid": 1, "later": [{}]},
        "value": ["a", {"token": 1}],
    }
    first, second = connect(address, hello), connect(address)
    assert first.welcome.connection_id != second.welcome.connection_id
    assert is_text(first.welcome.who["library"]) and is_text(first.welcome.who["language"])
    assert set(UNSTATED) <= set(first.welcome.limits)
    assert first.result("Add", 1, 2) == second.result("Add", 2, 1) == 3

    needs = {"offered": ["com.example.x"], "required": ["com.example.x"]}
    small = {"limits": {"frame": 1023}}
    peer = dial(address)
    call = encode("call", [1, 2], id=1, method="Add")
    peer.write(encode("hello") + call)
    refuse = peer.expect("refuse", status=3)
    assert "protocol error" in refuse.message, refuse
    peer.expect_end()
    for hello, words in [
        ({"min_version": 2, "max_version": 3}, "123"),
        (needs, ["com.example.x"]),
        (small, ["frame", "1023", "1024"]),
    ]:
        peer = dial(address)
        peer.send("hello", **hello)
        refuse = peer.expect("refuse", status=11)
        assert all(word in refuse.message for word in words), refuse
        peer.expect_end()
    for hello in [{"magic": "Callgate"}, {"min_version": 1, "max_version": 0}, {"offered": [""]}]:
        peer = dial(address)
        peer.write(encode("hello", **hello))
        peer.expect_end("refuse")


def calls(address):
    peer = connect(address)
    most = 2**64 - 1
    plain = [None, False, []]
    assert peer.result("Describe") == plain
    assert peer.result("Describe", id=most, lane=most, parent=most) == plain, (
        "a strange parent is no error"
    )
    everything = {
        "signature": "D\u00e9crire(\u20ac)",
        "timeout": 60_000,
        "flags": 0xAAAAAAAAAAAAAAAA,  # those that may be ignored
        "metadata": {"traceparent": "00-ab", "": "empty"},
    }
    for how in [
        {},
        {"wide": True},
        {"extra": ["later", {"x": [1]}, 2]},
        {"wide": True, "extra": [1] * 9},
    ]:
        seen = peer.result("Describe", **everything, **how)
        assert seen[:2] == [everything["signature"], True]
        assert dict(seen[2]) == everything["metadata"]
    assert peer.result("Describe", metadata={}) == plain
    assert peer.result("Add", 2**40, -1, wide=True) == 2**40 - 1
    large = "\u20ac" * 500_000
    peer.takes["frame"] = peer.theirs.frame = 1 << 21
    assert connect(address, frame=1 << 21).result("Echo", large) == large
    # In place of a result that is too large for us goes an error.
    peer = connect(address, frame=HANDSHAKE_FRAME)
    peer.expect_error(peer.call("Echo", large), 8, 1)
    assert peer.result("Add", 1, 1) == 2


def shortened(address):
    """Errors lose their trace and data, and as much of their message as must be."""
    peer = connect(address, frame=1024)
    error = peer.expect_error(peer.call("Fail", "\u20ac" * 5000), 1, 1, "\u20ac" * 200)
    assert (error.type_name, error.trace, error.value()) == ("Failure", None, None)
    assert error.length > 1000, "no more is cut than must be"
    error = peer.expect_error(peer.call("N" * 1000), 2, 0, "N" * 500)
    assert error.length > 1000, "no more is cut than must be"
    error = peer.expect_error(peer.call("Fail", "x" * 1000), 1, 1, "x" * 1000)
    assert error.value() is None, "a message that fits alone is whole"
    assert peer.result("Add", 1, 1) == 2


def outcomes(address):
    peer = connect(address)
    error = peer.expect_error(peer.call("Fail", "because"), 1, 1, "because")
    assert (error.type_name, error.trace, error.value()) == (
        "Failure",
        "at Fail",
        {"code": [1, None]},
    )
    peer.expect_error(peer.call("Panic"), 15, 1)
    peer.expect_error(peer.call("Drop"), 1, 1)
    for flag in range(0, 64, 2):
        peer.expect_error(peer.call("Panic", flags=1 << flag | 2), 11, 0, "flag")
    for name in ("Nil\0", "Nil\n", "\u202eNil"):
        peer.expect_error(peer.call(name), 2, 0, "control")
        peer.expect_error(peer.call("Nil", interface=name), 2, 0, "control")
    peer.expect_error(peer.call("Nothing"), 2, 0, "Nothing")
    peer.expect_error(peer.call("Add", interface="INothing"), 2, 0, "INothing")
    peer.expect_error(peer.call("Add", "one", 2), 2, 0, "Add")
    bad = [
        b"\xc1",
        b"\x92\x01",
        b"\x92\x01\x02\x03",
        b"\x01",
        b"\x92\x01\xa2\xff\xff",
        b"\xdd\xff\xff\xff\xff",
    ]
    for payload in bad:
        peer.expect_error(peer.call("Add", payload=payload), 2, 0, "Add")
    assert peer.result("Nil") is None


def one_way(address):
    peer = connect(address)
    for number in range(100):
        peer.one_way("Note", number, "x" * (number * 50))
    assert peer.result("Noted") == 100, "a call starts after its lane's one-way calls"
    peer.one_way("Nothing")
    peer.one_way("Note", 1000, "", flags=1)
    peer.one_way("Note\x1b", 1001, "")
    for number in range(100, 200):
        peer.one_way("Note", number, "")
    assert peer.result("Noted") == 200


def in_flight(address):
    peer = connect(address)
    held = [peer.call("Hold", key) for key in range(3)]
    peer.send("cancel", id=held[1])
    peer.send("cancel", id=99)
    peer.send("ping", token=2**64 - 1, wide=True, extra=[1])
    peer.expect("pong", token=2**64 - 1)
    for key in (2, 0):
        release = peer.call("Release", key, lane=1)
        answers = {peer.expect("reply").id for _ in range(2)}
        assert answers == {held[key], release}
    release = peer.call("Release", 1, lane=1)
    peer.expect_error(held[1], 5, 1, "cancelled")
    peer.expect("reply", id=release)
    peer.expect_error(peer.call("Late", timeout=20), 4, 1, "deadline")
    peer.send("cancel", id=held[0])
    peer.send("pong", token=5)
    assert peer.result("Add", 1, 1) == 2


def nested(address):
    peer = connect(address)

    def asked(method):
        ask = peer.call("Ask", method, 21)
        call = peer.expect("call", interface="IScript", method=method, parent=ask)
        assert call.value() == [21]
        return ask, call.id

    ask, call = asked("Twice")
    assert peer.result("Add", 21, 21, parent=call) == 42
    inner = peer.call("Ask", "Deeper", 1, parent=call)
    deeper = peer.expect("call", method="Deeper", parent=inner)
    peer.send("reply", 2, id=deeper.id)
    assert peer.expect("reply", id=inner).value() == ["ok", 2]
    peer.send("reply", 42, id=call, wide=True, extra=[None])
    assert peer.expect("reply", id=ask).value() == ["ok", 42]
    peer.send("reply", 43, id=call)
    peer.send("error", id=call)

    ask, call = asked("Strange")
    peer.send("error", id=call, status=99, execution=7, message="odd", extra=[1])
    assert peer.expect("reply", id=ask).value() == ["error", 15, 2, "odd"]
    ask, call = asked("Bad")
    peer.send("reply", payload=b"\xc1", id=call)
    assert peer.expect("reply", id=ask).value()[:3] == ["error", 2, 1]
    assert peer.result("Add", 1, 1) == 2


def nested_in_a_lane(address):
    """A one-way call of lane 7 calls back; what is nested there goes by the same lane."""
    peer = connect(address)
    for interface in ["IPeer", "IOrdered"]:
        seven = {"interface": interface, "lane": 7}
        peer.one_way("Ask", "Back", 1, **seven)
        peer.one_way("Note", 1, "waits for the one-way call before it", **seven)
        back = peer.expect("call", method="Back", parent=None)
        nested = {**seven, "parent": back.id}
        peer.one_way("Pause", 1, **nested)
        peer.one_way("Note", 2, "waits for its sibling", **nested)
        noted = peer.call("Noted", **nested)
        for _ in range(20):
            assert peer.result("Add", 1, 1, lane=1) == 2, "siblings wait for each other"
        assert peer.result("Add", 1, 1, lane=7, parent=back.id + 1) == 2, "others do not"
        resume = peer.call("Resume", 1, lane=1)
        replies = [peer.expect("reply") for _ in range(2)]
        count = {reply.id: reply.value() for reply in replies}
        assert count == {resume: None, noted: 1}, "the one without a parent has not run"
        peer.send("reply", 0, id=back.id)
        assert peer.result("Noted", **seven) == 2, "that one runs when the one before has finished"
        peer.result("Forget")


def nested_in_order(address):
    """One call may run, which waits for a nested one, which waits for its turn at an interface."""
    peer = connect(address)
    ask = peer.call("Ask", "Back", 1)
    back = peer.expect("call", method="Back", parent=ask)
    ordered = {"interface": "IOrdered"}
    before = peer.call("Add", 1, 1, lane=1, **ordered)
    nested = peer.call("Add", 2, 2, lane=2, parent=back.id, **ordered)
    replies = [peer.expect("reply") for _ in range(2)]
    assert {reply.id: reply.value() for reply in replies} == {before: 2, nested: 4}
    peer.send("reply", 0, id=back.id)
    assert peer.expect("reply", id=ask).value() == ["ok", 0]


def nested_too_many(address):
    """Two nested ones may run: of two that wait for the same one-way call, one comes too late."""
    peer = connect(address)
    peer.call("Ask", "Back", 1)
    nested = {"parent": peer.expect("call", method="Back").id}
    peer.one_way("Pause", 1, lane=7, **nested)
    waiting = [peer.call("Noted", lane=7, **nested) for _ in range(2)]
    peer.one_way("Pause", 2, lane=8, **nested)
    assert peer.result("Add", 1, 1) == 2
    peer.call("Resume", 1)
    answers = {}
    while len(answers) < 3:
        message = peer.receive()
        if message.kind != "credit":
            answers[message.id] = message
    assert answers[waiting[0]].kind == "reply"
    refused = answers[waiting[1]]
    assert (refused.kind, refused.status, refused.execution) == ("error", 8, 0), refused
    peer.result("Resume", 2)


def offences(address):
    """Each ends its connection, and no other."""
    good = connect(address)
    for offence in [
        encode("reply", id=1),
        encode("error", id=0),
        encode("part", b"x", transfer=1, flags=1),
        encode("hello"),
        encode("welcome"),
        encode("refuse"),
        b"\1\0\0\0\x90",
        b"\0\0\0\0",
        encode("ping", token=1)[:-1] + b"\xc0",
        encode("cancel", id=-1),
    ]:
        peer = connect(address)
        peer.write(offence)
        peer.expect_goodbye()
        assert good.result("Add", 1, 1) == 2


PARTS = {"offered": ["com.example.x", "parts"]}


def in_parts(address):
    """Frames in parts of all sizes, with others between."""
    peer = connect(address, {"required": ["parts"]})
    assert peer.welcome.features == ["parts"]
    peer = connect(address, PARTS)
    assert peer.welcome.features == ["parts"]

    def cut_call(*sizes, transfer=0, method="Echo", value=(), lane=0, **how):
        peer.last_id += 1
        frame = peer.frame("call", list(value), id=peer.last_id, method=method, lane=lane)
        return peer.last_id, cut(frame, *sizes, transfer=transfer, **how)

    text = "\u20ac" * 100_000
    for sizes in [(), (1,) * 20, (3, 100_000), (65_536, 65_537, 1), (300_000,)]:
        for how in [{}, {"wide": True, "extra": [[1], None]}]:
            call, parts = cut_call(*sizes, value=[text], transfer=2**64 - 1, **how)
            for part in parts:
                peer.send("ping", token=1)
                peer.expect("pong", token=1)
                peer.write(part)
            assert peer.expect("reply", id=call).value() == text
            call, parts = cut_call(*sizes, value=[text], **how)
            peer.write(b"".join(parts))
            assert peer.expect("reply", id=call).value() == text

    # Four at once, and whole calls between them; each runs when its last part is there.
    calls = [cut_call(10, 20, 50_000, transfer=n, value=[text, n], lane=n) for n in range(4)]
    for step in range(4):
        for call, parts in calls if step < 3 else reversed(calls):
            peer.write(parts[step])
            if step == 3:
                assert peer.expect("reply", id=call).payload.count(text.encode()) == 1
            assert peer.result("Add", 1, step, lane=9) == 1 + step

    # A one-way call in parts, and the call that follows it.
    frame = peer.frame("one_way", [7, "x" * 1000], method="Note")
    peer.write(b"".join(cut(frame, 30, 900)))
    assert peer.result("Noted") == 1

    # An error of ours, and a reply.
    for kind, how, outcome in [
        ("reply", {"value": 5}, ["ok", 5]),
        ("error", {"status": 1, "message": "no" * 90}, ["error", 1, 1, "no" * 90]),
    ]:
        ask = peer.call("Ask", "Twice", 1)
        call = peer.expect("call", method="Twice")
        peer.write(b"".join(cut(peer.frame(kind, id=call.id, **how), 2, 1)))
        assert peer.expect("reply", id=ask).value() == outcome


LARGE = 32 << 20  # more than sockets hold


def answers_in_parts(address):
    """A large answer lets small ones and pongs pass; it comes whole without the feature."""
    peer = connect(address, PARTS, frame=2 * LARGE)
    data = bytes(range(256)) * (LARGE // 256)
    for key in range(3):
        large = peer.call("Echo", data, lane=1)
        first = peer.receive_frame()
        assert first.kind == "part" and first.flags == 0
        peer.joiner.add(first)
        peer.send("ping", token=9)
        small = peer.call("Hold", key, lane=2)
        say("asked")
        assert input() == "answered yes"
        peer.expect("pong", token=9)
        peer.expect("reply", id=small)
        reply = peer.expect("reply", id=large)
        assert reply.value() == data and len(reply.between) == 2
        assert peer.joiner.largest_part < 1 << 20, peer.joiner.largest_part
    peer = connect(address, frame=2 * LARGE)
    assert peer.result("Echo", data) == data


def offences_in_parts(address):
    """Each rule broken once, which ends that connection and no other."""
    good = connect(address, PARTS)
    limit = good.mine.frame
    call = encode("call", ["x" * 100], id=1, method="Echo")

    def part(piece, transfer=0, last=True):
        return encode("part", piece, transfer=transfer, flags=int(last))

    large = [encode("part", b"\x90" * (limit // 4), transfer=n, flags=0) for n in range(4)]
    for offence in [
        [cut(call, 10, transfer=n)[0] for n in range(5)],
        [part(b"", last=False)],
        [part(b"x", last=False), part(b"", last=False)],
        [part(b"")],
        [part(part(call[4:])[4:])],
        [part(encode("ping", token=1)[4:])],
        [part(encode("credit", calls=0, bytes=0)[4:])],
        [part(with_its_length(call[4:]))],
        [part(call[4:10])],
        [*large, part(b"\x90" * 5, 0)],
        [encode("part", ["x"], transfer=0, flags=1)],
    ]:
        peer = connect(address, PARTS)
        for frame in offence:
            peer.write(frame)
        peer.expect_goodbye()
        assert good.result("Add", 1, 1) == 2


def no_parts(address):
    """The host does not have the feature."""
    peer = connect(address, PARTS)
    assert peer.welcome.features == []
    peer.write(encode("part", b"x", transfer=1, flags=1))
    peer.expect_goodbye()
    peer = dial(address)
    peer.send("hello", required=["parts"])
    assert "parts" in peer.expect("refuse", status=11).message


def cut_and_joined(address):
    """Frames cut into single bytes, and many frames in one write."""
    peer = dial(address)
    peer.write = lambda frame: [peer.stream.sendall(bytes([byte])) for byte in frame]
    peer.send("hello")
    peer.established(peer.expect("welcome").limits)
    assert peer.result("Echo", ["cut", 1.5]) == ["cut", 1.5]
    peer.send("ping", token=1)
    peer.expect("pong", token=1)
    frames = []
    peer.write = frames.append
    calls = {peer.call("Add", number, 1, lane=number % 3): number + 1 for number in range(50)}
    peer.stream.sendall(b"".join(frames))
    for _ in range(50):
        reply = peer.expect("reply")
        assert calls.pop(reply.id) == reply.value()


def goodbye(address):
    peer = connect(address)
    peer.send("goodbye", status=6, message="enough")
    assert peer.result("Add", 1, 1) == 2, "who receives a goodbye goes on serving"
    held = peer.call("Hold", 5)
    release = peer.call("Release", 5)
    assert {peer.expect("reply").id for _ in range(2)} == {held, release}
    peer.stream.shutdown(socket.SHUT_WR)
    assert peer.receive() is None, (
        "who has nothing to wait for ends its sending, and then the stream ends"
    )
    peer = connect(address)
    peer.call("Hold", 6)
    assert peer.result("Add", 1, 1) == 2
    peer.send("goodbye", status=6, message="enough")
    peer.stream.shutdown(socket.SHUT_WR)
    assert peer.receive() is None, "who ends its sending while its own calls wait gives them up"
    peer = connect(address)
    held = peer.call("Hold", 7)
    assert peer.result("Add", 1, 1) == 2
    say("close")
    peer.expect("goodbye", status=6)
    peer.expect_error(peer.call("Add", 1, 1), 6, 0)
    peer.one_way("Note", 1)
    peer.expect_error(peer.call("Add", 1, 1), 6, 0)
    say("release")
    peer.expect("reply", id=held)
    assert peer.receive() is None


run(globals())
