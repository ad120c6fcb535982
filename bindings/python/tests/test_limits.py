"""The effect of limits on a client's handshake."""

import socket

import pytest

import callgate


def hello_of(limits):
    """The first bytes that a client with these limits sends."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        with callgate.Client(f"tcp://127.0.0.1:{port}", limits=limits):
            stream, _ = listener.accept()
            with stream, stream.makefile("rb") as reader:
                length = int.from_bytes(reader.read(4), "little")
                return reader.read(length)


@pytest.mark.parametrize("parts", [True, False])
def test_parts_are_offered_unless_limits_say_no(parts):
    assert (b"\xa5parts" in hello_of(callgate.Limits(parts=parts))) == parts


def test_parts_are_offered_by_default():
    assert b"\xa5parts" in hello_of(callgate.Limits())
