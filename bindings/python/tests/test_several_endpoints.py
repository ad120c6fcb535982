"""Clients of several hosts that can stand in for one another."""

import pytest

import callgate


class Named:
    def __init__(self, name):
        self._name = name

    def name(self):
        return self._name


def serve(endpoint):
    host = callgate.Host(endpoint)
    host.add("ITest", Named(endpoint))
    host.start()
    return host


def test_a_client_goes_on_to_the_next_of_its_endpoints(pipe):
    first, second = f"{pipe}-1", f"{pipe}-2"
    with serve(second):
        with serve(first), callgate.Client(f"{first}, {second}") as client:
            assert client.proxy("ITest").name() == first
        with callgate.Client(f"{first}, {second}") as client:
            proxy = client.proxy("ITest")
            assert proxy.name() == second
            with serve(first):
                assert proxy.name() == second


def test_shuffled_clients_spread_over_the_hosts(pipe):
    first, second = f"{pipe}-1", f"{pipe}-2"

    def found():
        with callgate.Client(f"{first},{second}", shuffle_endpoints=True) as client:
            return client.proxy("ITest").name()

    with serve(first), serve(second):
        # All 40 clients choose the same host once in 2 ** 39 runs.
        assert {found() for _ in range(40)} == {first, second}


def test_each_of_them_must_be_an_endpoint(pipe):
    with pytest.raises(callgate.InvalidArgument, match="tcp://nobody"):
        callgate.Client(f"{pipe}, tcp://nobody")
