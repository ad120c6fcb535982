"""The peer as a client. The host serves `IPeer`; see service.rs.

Contains the scenarios of a connection: its handshake, its stream, its end.
"""

import socket

import client_calls
import client_nested
import client_parts
from dial import connect, dial
from peer import UNSTATED, encode, is_text, run, say


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
        encode("call", [1, 1], id=1, method="Add", parent=1),
        encode("one_way", [1, ""], method="Note", parent=0),
    ]:
        peer = connect(address)
        peer.write(offence)
        peer.expect_goodbye()
        assert good.result("Add", 1, 1) == 2


def id_again(address):
    """A call with the id of one that runs ends the connection, and no other."""
    good = connect(address)
    for others in [0, 3]:
        peer = connect(address)
        held = peer.call("Hold", 10 + others)
        for number in range(others):
            peer.call("Hold", 20 + number)
            assert peer.result("Add", number, 1) == number + 1
        peer.write(encode("call", [1, 1], id=held, method="Add"))
        peer.expect_goodbye()
        assert good.result("Add", 1, 1) == 2


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


def crossing(address):
    """Calls that cross the host's goodbye are refused; it waits for the pong, but not for ever."""
    peer = connect(address)
    silent = connect(address)
    say("close")
    peer.expect("goodbye", status=6)
    ping = peer.expect("ping")
    peer.one_way("Note", 1)
    peer.expect_error(peer.call("Missing"), 6, 0)
    peer.expect_error(peer.call("Add", 1, 1), 6, 0)
    peer.send("pong", token=ping.token)
    assert peer.receive() is None
    silent.expect("goodbye", status=6)
    assert silent.receive().kind == "ping"
    assert silent.receive() is None


run({**vars(client_calls), **vars(client_nested), **vars(client_parts), **globals()})
