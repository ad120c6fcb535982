"""Connections of the peer as a client: dialled alone, or with the handshake done."""

import socket

from peer import Peer


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
