"""The peer as a client: scenarios of calls, their outcomes, and one-way calls."""

from dial import connect
from peer import HANDSHAKE_FRAME


def calls(address):
    peer = connect(address)
    most = 2**64 - 1
    plain = [None, False, []]
    assert peer.result("Describe") == plain
    assert peer.result("Describe", id=most, lane=most) == plain
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
    # A result that is too large for us is replaced by an error.
    peer = connect(address, frame=HANDSHAKE_FRAME)
    peer.expect_error(peer.call("Echo", large), 8, 1)
    assert peer.result("Add", 1, 1) == 2


def shortened(address):
    """Errors lose their trace and data, and as much of their message as necessary."""
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
