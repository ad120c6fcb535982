"""Recordings of what passes on connections."""

import os
import stat

import pytest

import callgate


class Echo:
    def echo(self, text):
        return text


def play(pipe, host_trace, client_trace):
    with callgate.Host(pipe, trace=host_trace) as host:
        host.add("IEcho", Echo())
        host.start()
        with callgate.Client(pipe, trace=client_trace) as client:
            assert client.proxy("IEcho").echo("a secret") == "a secret"


def test_a_host_and_a_client_record(pipe, tmp_path):
    on_host, on_client = tmp_path / "host-%n", tmp_path / "client"
    play(pipe, callgate.Trace(on_host, payloads=True), callgate.Trace(os.fspath(on_client)))
    (host_file,) = tmp_path.glob("host-*")
    assert b"a secret" in host_file.read_bytes()
    recorded = on_client.read_bytes()
    assert b"IEcho" in recorded and b"a secret" not in recorded
    assert stat.S_IMODE(on_client.stat().st_mode) == 0o600
    with pytest.raises(callgate.InvalidArgument, match="cannot create the trace"):
        callgate.Client(pipe, trace=callgate.Trace(on_client))


@pytest.mark.parametrize("trace", ["file", callgate.Trace("a\0b"), callgate.Trace("a", limit=-1)])
def test_settings_that_make_no_sense_are_refused(pipe, trace):
    with pytest.raises(callgate.InvalidArgument):
        callgate.Client(pipe, trace=trace)
