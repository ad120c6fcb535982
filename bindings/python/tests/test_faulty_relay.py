"""Relays that spoil connections on purpose."""

import pickle

import pytest
from numbered import Numbered

import callgate
from callgate.testing import Direction, Faults, FaultyRelay


@pytest.fixture
def line(pipe):
    return pipe + "-line"


def calls(proxy, count):
    """Calls that often, and returns the errors."""
    errors = []
    for _ in range(count):
        try:
            proxy.next()
        except callgate.Error as error:
            errors.append(error)
    return errors


def test_a_cut_connection_fails_one_call(serving, line):
    serving.host({"ITest": Numbered()})
    with FaultyRelay(
        line, serving.endpoint, Faults(seed=3, cut=(200, 2000), connections=1)
    ) as relay:
        assert relay.endpoint == line
        proxy = serving.client(line).proxy("ITest")
        (error,) = calls(proxy, 100)
        assert isinstance(error, callgate.ChannelFaulted)
        assert error.execution == callgate.Execution.UNKNOWN
        assert relay.connections == 2
    serving.close()


def test_faults_can_be_set_while_it_runs(serving, line):
    serving.host({"ITest": Numbered()})
    with FaultyRelay(line, serving.endpoint) as relay:
        proxy = serving.client(line).proxy("ITest")
        assert calls(proxy, 3) == []
        relay.set_faults(Faults(silence=300, direction=Direction.TO_CLIENT, connections=1))
        relay.cut()
        silent = callgate.with_options(proxy, timeout=0.3)
        while not calls(silent, 1):
            pass
        relay.set_faults(Faults(byte_wise=True, delay=0.0001))
        relay.cut()
        calls(proxy, 1)
        assert calls(proxy, 5) == []
    serving.close()


@pytest.mark.parametrize(
    "faults",
    [
        Faults(seed=-1),
        Faults(lose=(2, 1)),
        Faults(corrupt=0),
        Faults(connections=0),
        Faults(delay=-1),
        "cut",
    ],
)
def test_malformed_faults_are_rejected(line, faults):
    with pytest.raises(callgate.InvalidArgument):
        FaultyRelay(line, "pipe://nobody", faults)


def test_it_is_closed_for_good(line):
    relay = FaultyRelay(line, "pipe://nobody")
    with pytest.raises(callgate.AddressInUse):
        FaultyRelay(line, "pipe://nobody")
    with pytest.raises(TypeError, match="start one in each process"):
        pickle.dumps(relay)
    relay.close()
    relay.close()
    assert relay.connections == 0
    with pytest.raises(callgate.InvalidHandle):
        relay.cut()
    FaultyRelay(line, "pipe://nobody").close()
