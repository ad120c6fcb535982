"""The peer as a host, for a client that calls `IPeer`."""

import socket
import struct

from parts import cut
from peer import PATIENCE, Peer, encode, is_text, run, say

listeners = []  # kept open: a client that comes again waits, and its last failure stays the refusal


def listen(address):
    by_path = "/" in address
    listener = socket.socket(socket.AF_UNIX if by_path else socket.AF_INET)
    listener.bind(address if by_path else ("127.0.0.1", int(address)))
    listener.listen()
    listener.settimeout(PATIENCE)
    listeners.append(listener)
    say(f"listening {address if by_path else listener.getsockname()[1]}")
    return listener


def accept(listener, welcome=(), **how):
    """Accepts a connection, and welcomes it unless `welcome` is None."""
    peer = Peer(listener.accept()[0], **how)
    peer.hello = peer.expect("hello", magic="callgate")
    assert peer.hello.min_version <= 1 <= peer.hello.max_version
    assert set(peer.hello.required) <= set(peer.hello.offered)
    if welcome is not None:
        welcome = dict(welcome)
        peer.send("welcome", **{"limits": peer.takes, **welcome})
        peer.established(peer.hello.limits, welcome.get("features", []))
    return peer


def serve(peer, answers):
    """Replies to calls by their method's name, until `Stop`."""
    while True:
        call = peer.expect("call")
        kind, how = answers.get(call.method, ("reply", {}))
        peer.send(kind, id=call.id, **how)
        if call.method == "Stop":
            return


def calls(address):
    takes = {"calls": 2, "nested_calls": 0}
    welcome = {
        "connection_id": 2**64 - 1,
        "wide": True,
        "extra": [[1], {}],
        "value": [1],
        "limits": {**takes, "later": 3},
        "who": {"pid": 2**32 - 1, "later": None},
    }
    peer = accept(listen(address), welcome, **takes)
    assert is_text(peer.hello.who["library"]) and is_text(peer.hello.who["language"])
    call = peer.expect(
        "call",
        interface="IPeer",
        method="Add",
        signature=None,
        metadata=None,
        timeout=None,
        parent=None,
        flags=0,
    )
    peer.send("reply", sum(call.value()), id=call.id, wide=True, extra=[{}, 1])
    call = peer.expect("call", signature="a(\u20ac)", metadata={"traceparent": "00-ab", "b": ""})
    assert 0 < call.timeout <= 60_000 and call.value() == [[1, "x", None]]
    peer.send("reply", call.value(), id=call.id)
    for number in range(0, 10, 2):
        pair = [peer.expect("one_way", method="Note", lane=call.lane) for _ in range(2)]
        assert [one.value() for one in pair] == [[number], [number + 1]]
        peer.send("ping", token=number)
        peer.expect("pong", token=number)
        peer.send("credit", calls=2, bytes=sum(one.length for one in pair), wide=True, extra=[0])
    # The call that is too large for us was not sent.
    serve(peer, {})


def outcomes(address):
    remote = {
        "status": 1,
        "execution": 1,
        "message": "broken",
        "type_name": "T",
        "trace": "at",
        "value": [1, {}],
    }
    serve(
        accept(listen(address)),
        {
            "Nil": ("reply", {}),
            "Wide": ("reply", {"value": [1, "x", {"a": -1}], "wide": True, "extra": [1, [2]]}),
            "Remote": ("error", remote),
            "RemoteWide": ("error", {**remote, "wide": True, "extra": [[], None]}),
            "Strange": ("error", {"status": 99, "execution": 7, "message": "odd"}),
            "BadData": ("error", {**remote, "value": None, "payload": b"\xc1"}),
            "Busy": ("error", {"status": 8, "execution": 0, "message": "busy"}),
            "Flagged": ("reply", {"flags": 4}),
            "FlaggedInVain": ("reply", {"flags": 0xAAAAAAAAAAAAAAAA}),
            "BadResult": ("reply", {"payload": b"\xc1"}),
            "CutResult": ("reply", {"payload": b"\x92\x01"}),
            "LongResult": ("reply", {"payload": b"\x01\x01"}),
            "DeepResult": ("reply", {"payload": b"\x91" * 65 + b"\xc0"}),
        },
    )


def late(address):
    """Replies to a call that its caller has given up, and to others more than once."""
    peer = accept(listen(address))
    slow = peer.expect("call", method="Slow")
    following = peer.expect("call", method="Next")
    assert set(peer.cancelled) <= {slow.id}
    for number, call in [(1, slow), (2, following), (3, slow), (4, following)]:
        peer.send("reply", number, id=call.id)
    serve(peer, {})


def out_of_order(address):
    peer = accept(listen(address))
    calls = [peer.expect("call", method="Echo") for _ in range(5)]
    for call in reversed(calls):
        peer.send("reply", call.value()[0], id=call.id)
    serve(peer, {})


def calls_client(address):
    """A client that serves nothing replies nevertheless."""
    peer = accept(listen(address))
    call = peer.expect("call", method="Ask")
    peer.one_way("Note", 1)
    peer.expect_error(peer.call("Add", 1, 2, interface="INothing"), 2, 0, "INothing")
    peer.send("cancel", id=peer.last_id)
    peer.send("ping", token=0)
    peer.expect("pong", token=0)
    peer.expect_error(peer.call("Add", 1, 2, parent=call.id), 2, 0, "IPeer")
    peer.send("reply", "asked", id=call.id)
    serve(peer, {})


def in_parts(address):
    """Replies in parts, to four calls at once."""
    peer = accept(listen(address), {"features": ["parts"]})
    assert "parts" in peer.hello.offered
    for sizes in [(), (1,) * 20, (3, 100_000), (65_536, 65_537, 1)]:
        calls = [peer.expect("call", method="Echo") for _ in range(4)]
        frames = [peer.frame("reply", call.value()[0], id=call.id) for call in calls]
        cuts = [cut(frame, *sizes, transfer=number) for number, frame in enumerate(frames)]
        for step in range(len(sizes) + 1):
            for parts in reversed(cuts):
                peer.send("ping", token=step)
                peer.write(parts[step])
        for _ in range(4 * (len(sizes) + 1)):
            peer.expect("pong")
    serve(peer, {})


LARGE = 32 << 20  # more than sockets hold


def calls_in_parts(address):
    """Small calls of other lanes pass large ones; those of the same lane do not."""
    limits = {"frame": 2 * LARGE, "bytes": 8 * LARGE}
    peer = accept(listen(address), {"features": ["parts"], "limits": limits}, **limits)
    first = peer.receive_frame()
    assert first.kind == "part" and first.flags == 0
    peer.joiner.add(first)
    say("begun")
    assert input() == "started Small"
    # Another thread has called it meanwhile: it overtakes the large call.
    small = peer.expect("call", method="Small")
    peer.send("reply", id=small.id)
    large = peer.expect("call", method="Large")
    assert small in large.between and len(large.payload) > LARGE
    peer.send("reply", id=large.id)
    assert peer.joiner.largest_part < 1 << 20, peer.joiner.largest_part

    # A one-way call in parts, and what the same thread sends after it: `Joiner` checks the order.
    large = peer.expect("one_way", method="LargeNote")
    assert large.between is not None
    peer.send("credit", calls=1, bytes=large.length)
    peer.send("reply", id=peer.expect("call", method="After", lane=large.lane).id)

    # A call that is given up while it is sent arrives nevertheless, and its cancel behind it.
    first = peer.receive_frame()
    assert first.kind == "part"
    peer.joiner.add(first)
    say("under way")
    large = peer.expect("call", method="GivenUp")
    cancel = peer.receive()
    assert cancel.kind == "cancel" and cancel.id == large.id, cancel
    say("arrived")
    peer.send("reply", id=large.id)
    serve(peer, {})


def cut_and_joined(address):
    peer = accept(listen(address), None)
    peer.write = lambda frame: [peer.stream.sendall(bytes([byte])) for byte in frame]
    peer.send("welcome")
    peer.established(peer.hello.limits)
    call = peer.expect("call", method="Echo")
    peer.send("reply", call.value()[0], id=call.id)
    frames = []
    peer.write = frames.append
    calls = [peer.expect("call", method="Echo") for _ in range(3)]
    for call in calls:
        peer.send("ping", token=call.id)
        peer.send("reply", call.value()[0], id=call.id)
    peer.write = peer.stream.sendall
    peer.write(b"".join(frames))
    assert {peer.expect("pong").token for _ in calls} == {call.id for call in calls}
    serve(peer, {})


def offences(address):
    """Each ends its connection, and the call in flight; the client reconnects."""
    listener = listen(address)
    for offence in [
        encode("reply", id=2**64 - 1),
        encode("reply", id=0),
        encode("error", id=77),
        encode("part", b"x", transfer=1, flags=1),
        encode("welcome"),
        encode("hello"),
        struct.pack("<I", 2**32 - 1),
        b"\0\0\0\0",
        b"\2\0\0\0\x91\x63",
        encode("credit", calls=1, bytes=-1),
        encode("call", [], id=1, method="Anything", parent=2**64 - 1),
    ]:
        peer = accept(listener)
        peer.expect("call")
        peer.write(offence)
        peer.expect_goodbye()
    serve(accept(listener), {})


def refuses(address):
    """Refusals that waiting fixes, invalid welcomes, and at last a valid one."""
    listener = listen(address)
    accept(listener, None).send("refuse", status=8, message="full", wide=True, extra=[1])
    early = Peer(listener.accept()[0])
    early.send("refuse", status=99, message="before the hello")
    for welcome in [{"version": 2}, {"features": ["com.example.unasked"]}]:
        peer = accept(listener, welcome)
        peer.expect_end()
    peer = accept(listener, None)
    peer.write(b"SSH-2.0-OpenSSH_9.6\r\n")
    peer.expect_end()
    serve(accept(listener), {})


def refuses_for_good(address):
    accept(listen(address), None).send("refuse", status=11, message="versions 2 to 3 only")


def reset(peer):
    """Ends the stream without a goodbye; on TCP the other side sees an error."""
    peer.stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    peer.stream.close()


def closing(address):
    """The client closes. It gives up its own call that waits, and refuses one that crosses it."""
    peer = accept(listen(address))
    held = peer.expect("call", method="Held")
    say("held")
    peer.expect("goodbye", status=6)
    ping = peer.expect("ping")
    # Until the client stops to serve, a call may still be served: there is no such interface.
    while peer.expect("error", id=peer.call("Any"), execution=0).status != 6:
        pass
    peer.send("pong", token=ping.token)
    assert peer.receive() is None, "its sending ends when it has answered all"
    peer.send("reply", 1, id=held.id)


def takes_too_small_frames(address):
    accept(listen(address), {"limits": {"frame": 10}}).expect_end()


def takes_no_calls(address):
    peer = accept(listen(address), {"limits": {"calls": 0}})
    peer.expect("goodbye", status=6)


def goodbye(address):
    listener = listen(address)
    peer = accept(listener)
    call = peer.expect("call", method="Answered")
    peer.send("goodbye", status=6, message="going", wide=True, extra=["later"])
    peer.send("reply", 1, id=call.id)
    # No new call may come on this connection.
    peer.stream.shutdown(socket.SHUT_WR)
    peer.expect_end()
    peer = accept(listener)
    peer.expect("call", method="Unanswered")
    peer.send("goodbye", status=6, message="gone")
    peer.stream.shutdown(socket.SHUT_WR)
    peer.expect_end()
    peer = accept(listener)
    peer.expect("call", method="Lost")
    peer.send("goodbye", status=8, message="full")
    peer.send("ping", token=1)
    peer.expect("pong", token=1)
    reset(peer)
    peer = accept(listener)
    call = peer.expect("call", method="Again")
    peer.send("goodbye", status=6, message="not now")
    peer.send("error", id=call.id, status=6, execution=0)
    peer.stream.shutdown(socket.SHUT_WR)
    peer.expect_end()
    peer = accept(listener)
    serve(peer, {"Again": ("reply", {"value": 2})})
    peer.expect("goodbye", status=6)
    ping = peer.expect("ping")
    peer.send("pong", token=ping.token)
    assert peer.receive() is None


run(globals())
