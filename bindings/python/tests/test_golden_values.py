"""The golden vectors of values, which all languages share; see tests/conformance/README.md."""

import importlib.util
import json

import pytest
from conftest import CHECKOUT

import callgate
from callgate._values.messagepack import pack, unpack

CONFORMANCE = CHECKOUT / "tests" / "conformance"


def program_part(name):
    """A module of the conformance program in Python."""
    spec = importlib.util.spec_from_file_location(name, CONFORMANCE / "python" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


describe = program_part("describe").describe


def vectors():
    """The bytes of each vector, and their value in Python."""
    for vector in json.loads((CONFORMANCE / "values.json").read_text("utf-8"))["values"]:
        text = vector.get("becomes", {}).get("python", vector["text"])
        yield pytest.param(bytes.fromhex(vector["hex"]), text, id=vector["name"])


@pytest.mark.parametrize(("data", "text"), list(vectors()))
def test_what_a_value_means(data, text):
    if text == "refused":
        with pytest.raises(callgate.ContractMismatch, match="cannot be decoded"):
            unpack(data)
    else:
        value = unpack(data)
        assert describe(value) == text
        assert describe(unpack(pack(value))) == text


@pytest.mark.parametrize("number", [2**64, -(2**63) - 1])
def test_an_integer_that_no_one_could_hold_is_not_sent(number):
    with pytest.raises(callgate.InvalidArgument, match="does not fit 64 bits"):
        pack([number])
