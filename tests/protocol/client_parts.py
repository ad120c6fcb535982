"""The peer as a client: scenarios of frames in parts."""

from dial import connect, dial
from parts import cut, with_its_length
from peer import encode, say

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

    # An error from us, and a reply.
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
    """Small replies and pongs pass a large reply; without the feature it comes whole."""
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
