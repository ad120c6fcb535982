"""Messages for wrong arguments: what is wrong, and what to pass."""

from dataclasses import dataclass
from typing import Any, Optional, Protocol

import pytest

import callgate
from callgate import InvalidArgument


@dataclass
class Ring:
    next: "Optional[Ring]" = None


class IRings(Protocol):
    def Turn(self, ring: Ring) -> Ring: ...

    def Take(self, it: Any) -> None: ...


class Rings:
    def Turn(self, ring):
        made = Ring()
        made.next = made
        return made

    def Take(self, it):
        pass


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (
            lambda pipe: callgate.Client(None),
            "an endpoint must be a str such as 'pipe://name', not None",
        ),
        (lambda pipe: callgate.Host(5), "an endpoint must be a str such as 'pipe://name', not 5"),
        (lambda pipe: callgate.Client(pipe, log="x"), "log must be a logging.Logger, not 'x'"),
        (lambda pipe: callgate.Host(pipe, log="x"), "log must be a logging.Logger, not 'x'"),
        (
            lambda pipe: callgate.Client(pipe, loop="x"),
            "loop must be an asyncio event loop.*not 'x'",
        ),
        (lambda pipe: callgate.Client(pipe, call_timeout="1"), "a timeout is a number.*not '1'"),
        (lambda pipe: callgate.Client(pipe, limits=5), "limits must be a callgate.Limits, not 5"),
        (lambda pipe: callgate.Client(pipe, host_user=1.5), "host_user must be a uid or a name"),
        (lambda pipe: callgate.Client(pipe).proxy(None), "an interface must be a name or a class"),
    ],
)
def test_what_is_wrong_with_an_owner_is_reported(pipe, make, words):
    with pytest.raises(InvalidArgument, match=words):
        make(pipe)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda it: it.call("Take", 1, metadata={"a": 1}), "metadata must be a dict.*'a': 1"),
        (lambda it: it.call("Take", 1, metadata={1: "a"}), "metadata must be a dict.*1: 'a'"),
        (lambda it: it.call("Take", 1, metadata="a"), "metadata must be a dict.*not 'a'"),
        (lambda it: it.call("Take", 1, timeout="1"), "a timeout is a number of seconds.*not '1'"),
        (lambda it: it.call("Take", 1, timeout=-1), "must not be negative"),
        (lambda it: it.call("Take", 1, cancel=1), "cancel must be a callgate.CancelToken, not 1"),
        (lambda it: it.call("Take", 1, signature=1), "a name must be a str, not 1"),
        (lambda it: it.call(5), "a name must be a str, not 5"),
        (lambda it: it.Take(it=1), "Take got the keyword argument 'it'.*describes"),
        (lambda it: it.Take.start(it=1), "Take got the keyword argument 'it'.*describes"),
        (lambda it: it.Take(ring()), "deeper than 64, or holds itself"),
        (lambda it: it.Take.start(ring()), "deeper than 64, or holds itself"),
        (lambda it: callgate.with_options(it, timeout="1"), "a timeout is a number of seconds"),
        (lambda it: callgate.with_options(5), "with_options.* takes a proxy.*not 5"),
    ],
)
def test_what_is_wrong_with_a_call_is_reported(serving, call, words):
    with pytest.raises(InvalidArgument, match=words):
        call(serving.proxy(Rings()))


def ring():
    made = []
    made.append(made)
    return made


def test_a_ring_of_objects_is_reported(serving):
    serving.host({IRings: Rings})
    client = serving.client()
    made = Ring()
    made.next = made
    with pytest.raises(callgate.ContractMismatch, match="ring.*holds itself"):
        client.proxy(IRings).Turn(made)
    with pytest.raises(callgate.ContractMismatch, match="the result of IRings.Turn.*holds itself"):
        client.proxy(IRings).Turn(Ring())


def test_no_call_is_reported():
    with pytest.raises(LookupError, match="no call is being served here.*method"):
        callgate.current_call()
