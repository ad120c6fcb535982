"""MessagePack: the test vectors that all languages share, and more."""

import datetime

import pytest
from conftest import CHECKOUT

import callgate
from callgate._values.messagepack import pack, unpack


def vectors():
    """Names, verdicts and bytes of the shared test vectors."""
    text = (CHECKOUT / "tests" / "vectors" / "values.txt").read_text(encoding="utf-8")
    for vector in text.split("\n[")[1:]:
        head, *lines = vector.splitlines()
        name, verdict = head.split("] ")
        data = "".join(line[4:] for line in lines if line.startswith("hex "))
        yield pytest.param(name, verdict, bytes.fromhex(data), id=name)


# Well-formed, but without an equivalent in Python.
BEYOND_PYTHON = {"map-with-any-keys"}


@pytest.mark.parametrize(("name", "verdict", "data"), list(vectors()))
def test_vector(name, verdict, data):
    if verdict == "accepted" and name not in BEYOND_PYTHON:
        unpack(data)
    else:
        with pytest.raises(callgate.ContractMismatch, match="cannot be decoded"):
            unpack(data)


@pytest.mark.parametrize(
    ("data", "value"),
    [
        ("957fe0ccffcfffffffffffffffffd38000000000000000", [127, -32, 255, 2**64 - 1, -(2**63)]),
        ("93a0a3e282acd903616263", ["", "\u20ac", "abc"]),
        ("82a16101a16102", {"a": 2}),
        ("d6ff00000001", datetime.datetime(1970, 1, 1, 0, 0, 1, 0, datetime.timezone.utc)),
    ],
)
def test_what_is_decoded(data, value):
    assert unpack(bytes.fromhex(data)) == value


def test_a_moment_that_python_does_not_have_is_refused():
    with pytest.raises(callgate.ContractMismatch):
        unpack(bytes.fromhex("c70cff000000007fffffffffffffff"))


def test_strings_and_bytes_are_told_apart():
    assert pack(["a", b"a"]).hex() == "92a161c40161"


def test_packing_within_packing():
    class Packing(dict):
        def items(self):
            pack([1, 2, 3])
            return super().items()

    assert unpack(pack([Packing(a=1), 2])) == [{"a": 1}, 2]
