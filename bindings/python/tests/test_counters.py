"""What hosts and clients count."""

import threading

import pytest

import callgate
from callgate import Counters, Latencies, Status


class Served:
    def __init__(self):
        self.noted = threading.Semaphore(0)

    def Echo(self, value):
        return value

    def Note(self):
        self.noted.release()

    def Fail(self):
        raise ValueError("as asked")


@pytest.fixture
def served():
    return Served()


@pytest.fixture
def host(serving, served):
    return serving.host({"ITest": served})


@pytest.fixture
def client(serving, host):
    return serving.client()


def test_calls_and_errors_are_counted_on_both_sides(host, client, served):
    proxy = client.proxy("ITest")
    for n in range(20):
        assert proxy.Echo(n) == n
    proxy.Note.one_way()
    with pytest.raises(callgate.RemoteError):
        proxy.Fail()
    with pytest.raises(callgate.ContractMismatch):
        client.proxy("IUnknown").Echo(1)
    assert served.noted.acquire()

    made, there = client.counters(), host.counters()
    assert isinstance(made, Counters)
    assert (made.connections, made.connections_established, made.connections_failed) == (1, 1, 0)
    assert (there.connections, there.connections_established) == (1, 1)
    assert (made.made.calls, made.made.one_way, made.made.in_flight) == (22, 1, 0)
    assert there.served.calls == 21
    errors = {Status.REMOTE_ERROR: 1, Status.CONTRACT_MISMATCH: 1}
    assert (made.made.errors, there.served.errors) == (errors, errors)
    assert made.served.calls == there.made.calls == 0
    assert made.bytes_sent == there.bytes_received > 0
    # The calls 1 and 18 are measured.
    assert made.made.latencies.count == there.served.latencies.count == 2
    longest = made.made.latencies.quantile(1)
    assert longest is not None and 0 < longest < 60
    assert repr(made).startswith("Counters(connections=1, ")


def test_counters_as_text(host, client):
    client.proxy("ITest").Echo(1)
    text = client.open_metrics()
    assert '\ncallgate_calls_total{direction="made",kind="with_reply"} 1\n' in text
    assert text.endswith("# EOF\n")
    assert '{direction="served",kind="with_reply"} 1\n' in host.open_metrics()


def test_counters_outlive_closing(host, client):
    client.proxy("ITest").Echo(1)
    client.close()
    host.close()
    assert (client.counters().made.calls, client.counters().connections) == (1, 0)
    assert host.counters().served.calls == 1


def test_a_host_counts_from_its_start(serving):
    host = serving.host(start=False)
    with pytest.raises(callgate.InvalidArgument, match="not started"):
        host.counters()
    with pytest.raises(callgate.InvalidArgument, match="not started"):
        host.open_metrics()


def test_quantiles():
    latencies = Latencies(((0.001, 50), (0.01, 49), (None, 1)))
    assert latencies.count == 100
    found = [latencies.quantile(share) for share in (0, 0.5, 0.51, 0.99, 1)]
    assert found == [0.001, 0.001, 0.01, 0.01, None]
    assert Latencies(()).quantile(0.5) is None
