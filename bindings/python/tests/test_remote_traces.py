"""A stack trace shows the sender's files, so it is sent only if the sender asks for that."""

import asyncio
import logging

import pytest

import callgate


class Faulty:
    def Fail(self):
        raise ValueError("no more")

    async def FailLater(self):
        await asyncio.sleep(0)
        raise ValueError("no more")

    def Relay(self):
        raise callgate.RemoteError("ValueError", "no more", "at Faulty.Relay", 1)

    def Provoke(self):
        callgate.current_call().connection.proxy("ICallback").Fail()


def broken_factory(interface, connection):
    if interface == "IBroken":
        raise ValueError("no more")


def broken_duplex_factory(callback):
    raise ValueError("no more")


def traces(serving, of_host, of_client):
    """The traces that a client gets, by method; that of a callback goes to the host and back."""
    host = serving.host({"IFaulty": Faulty()}, start=False, **of_host)
    host.add_delegate_factory(broken_factory)
    host.add_duplex_delegate_factory("IDuplex", "ICallback", broken_duplex_factory)
    host.start()
    client = serving.client(callbacks={"ICallback": Faulty()}, **of_client)
    faulty = client.proxy("IFaulty")
    calls = {name: getattr(faulty, name) for name in ("Fail", "FailLater", "Relay", "Provoke")}
    calls["factory"] = client.proxy("IBroken").Make
    calls["duplex factory"] = client.proxy("IDuplex").Make
    found = {}
    for name, call in calls.items():
        with pytest.raises(callgate.RemoteError, match="no more") as caught:
            call()
        assert caught.value.type_name == "ValueError"
        found[name] = caught.value.trace
    return found


def test_no_trace_is_sent_by_default(serving):
    assert set(traces(serving, {}, {}).values()) == {""}


def test_a_host_and_a_client_that_ask_for_it_send_traces(serving):
    found = traces(serving, {"remote_traces": True}, {"remote_traces": True})
    assert found.pop("Relay") == "at Faulty.Relay"
    for name, trace in found.items():
        assert __file__ in trace, name
        assert "callgate/_serving" not in trace, name


def test_the_host_logs_the_traces_that_it_does_not_send(serving, caplog):
    with caplog.at_level(logging.DEBUG, logger="callgate"):
        serving.host({"IFaulty": Faulty()})
        with pytest.raises(callgate.RemoteError):
            serving.client().proxy("IFaulty").Fail()
        with pytest.raises(callgate.RemoteError):
            serving.client().proxy("IFaulty").FailLater()
    for record, method in zip(caplog.records, ["Fail", "FailLater"]):
        assert (record.levelname, record.getMessage()) == (
            "DEBUG",
            f"call IFaulty.{method} raised ValueError",
        )
        assert record.exc_info[2] is not None
    assert caplog.text.count(__file__) == 2
    assert "callgate/_serving" not in caplog.text
