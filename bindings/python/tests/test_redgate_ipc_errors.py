"""Point 6 of the features of RedGate.Ipc: the exception that the caller gets."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace

import pytest
from conftest import QUICK

import callgate
from callgate import ChannelFaulted, Closed, ContractMismatch, Execution, TimedOut

SOON = 60


class HostGone(Exception):
    """The program's exception instead of ChannelFaulted."""


class Callback:
    def Double(self, number):
        return 2 * number

    def Fail(self):
        raise LookupError("not here")


@contextmanager
def faults(chosen, kind, execution=None):
    """Expects a fault of a kind, as the exception that was chosen for the proxy."""
    with pytest.raises(chosen or kind) as caught:
        yield
    assert type(caught.value) is (chosen or kind)
    error = caught.value.__cause__ if chosen else caught.value
    assert type(error) is kind
    assert execution in (None, error.execution)
    assert str(error) == str(caught.value)


def test_6_exceptions_of_the_delegate_reach_the_caller(connect):
    client = connect(callbacks={"ICallback": Callback()})
    counter = client.proxy("ICounter", faulted=HostGone)
    for fail in (counter.Fail, lambda kind: counter.Fail.start(kind).result(SOON)):
        for kind, words in [("KeyError", "as asked"), ("OSError", "as asked")]:
            with pytest.raises(callgate.RemoteError) as caught:
                fail(kind)
            error = caught.value
            assert (error.type_name, error.message) == (kind, words)
            assert error.execution == Execution.RAN
            assert "redgate_host.py" in error.trace
    with pytest.raises(callgate.RemoteError) as caught:
        counter.Refuse()
    error = caught.value
    assert [error.type_name, error.message, error.trace] == [
        "System.IO.IOException",
        "the disk is full",
        "at Refuse()",
    ]
    provoked = client.proxy("IDuplex").Provoke()
    assert provoked == ["LookupError", "not here"], "and those of the callback reach the host"


@pytest.mark.parametrize("chosen", [None, HostGone])
def test_6_channel_faulted_or_what_was_chosen_in_its_place(redgate_host, connect, chosen):
    client = connect()
    counter = client.proxy("ICounter", faulted=chosen)
    with ThreadPoolExecutor() as pool:
        client.wait_connected()
        late = pool.submit(counter.call, "Hold", timeout=1)
        wait_held(redgate_host)
        with faults(chosen, TimedOut, Execution.UNKNOWN):
            late.result(SOON)  # The reply does not come in time.
        held = pool.submit(counter.Hold)
        wait_held(redgate_host)
        redgate_host.ask("cut")
        with faults(chosen, ChannelFaulted, Execution.UNKNOWN):
            held.result(SOON)  # The connection was lost.
        held = pool.submit(counter.Hold)
        wait_held(redgate_host)
        client.close()
        with faults(chosen, Closed, Execution.UNKNOWN):
            held.result(SOON)  # The client was closed.
    with faults(chosen, Closed, Execution.NOT_RUN):
        counter.Next()
    redgate_host.kill()
    alone = connect(limits=replace(QUICK, connection_timeout=0.05))
    with faults(chosen, ChannelFaulted, Execution.NOT_RUN):
        alone.proxy("ICounter", faulted=chosen).Next()  # No connection comes in time.


def wait_held(host):
    while host.ask("event") != ["held"]:
        pass


def test_6_it_replaces_all_that_derives_from_it_however_one_calls(connect):
    client = connect()
    plain, counter = client.proxy("ICounter"), client.proxy("ICounter", faulted=HostGone)
    hurry = {"timeout": 0.05}

    def await_it(call):
        return asyncio.run(asyncio.wait_for(call, SOON))

    with faults(HostGone, TimedOut):
        counter.method("Hold", **hurry).start().result(SOON)
    with faults(HostGone, TimedOut):
        await_it(counter.method("Hold", **hurry).aio())
    with faults(None, TimedOut):
        plain.call("Hold", **hurry)  # Another proxy of the same client keeps its own.
    client.wait_connected()
    connection = client.connection
    client.close()
    for faulted in (None, HostGone):
        for proxy in (client.proxy("ICounter", faulted=faulted), counter if faulted else plain):
            with faults(faulted, Closed, Execution.NOT_RUN):
                proxy.Next.one_way()
            with faults(faulted, Closed, Execution.NOT_RUN):
                proxy.Next.start().result(SOON)
            with faults(faulted, Closed, Execution.NOT_RUN):
                await_it(proxy.Next.aio())
        with pytest.raises(faulted or ChannelFaulted):
            connection.proxy("ICounter", faulted=faulted).Next()


@pytest.mark.parametrize("chosen", [None, HostGone, ContractMismatch])
def test_6_contract_mismatch_is_never_overridden(connect, chosen):
    client = connect()
    counter = client.proxy("ICounter", faulted=chosen)
    add = {"signature": "Add_Int64_Int64"}
    for call, words in [
        (client.proxy("INobody", faulted=chosen).Get, "INobody"),
        (counter.Nothing, "ICounter.*Nothing"),
        (lambda: counter.Next(1), "ICounter.Next takes 0 arguments, not 1"),
        (lambda: counter.call("Add", "a", "b", **add), "two of int are wanted"),
        (lambda: counter.Next.start(1).result(SOON), "not 1"),
    ]:
        with pytest.raises(ContractMismatch, match=words) as caught:
            call()
        assert caught.value.status == callgate.Status.CONTRACT_MISMATCH
        assert caught.value.__cause__ is None
    token = callgate.CancelToken()
    token.cancel()
    with pytest.raises(callgate.Cancelled):
        counter.call("Next", cancel=token)
    with pytest.raises(callgate.InvalidArgument):
        counter.Next(object())


def test_6_an_initialisation_reports_its_failure(connect):
    raised = threading.Event()

    def initialise(proxy):
        try:
            proxy.call("Hold", timeout=0.05)
        except HostGone:
            raised.set()
            raise

    counter = connect().proxy("ICounter", initialise=initialise, faulted=HostGone)
    with pytest.raises(callgate.InitialisationFailed) as caught:
        counter.Next()
    assert raised.is_set(), "its calls raise what was chosen too"
    assert type(caught.value.cause) is TimedOut
