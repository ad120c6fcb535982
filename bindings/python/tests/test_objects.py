"""Errors, limits, logs, connections, and the objects that are kept for C."""

import gc
import logging
import pickle

import pytest
from conftest import REDGATE_HOST

import callgate
from callgate import _exceptions
from callgate._abi import handles, native, structs
from callgate._errors import failures


@pytest.mark.parametrize("status", list(callgate.Status))
def test_every_status_has_its_class(status):
    parts = structs.ErrorParts(struct_size=native.ctypes.sizeof(structs.ErrorParts), status=status)
    parts.execution = callgate.Execution.UNKNOWN
    parts.message, parts.message_length = b"words", 5
    handle = failures.make(native.error_new, parts)
    error = failures.take(native.c_void_p(handle))
    assert type(error) is _exceptions.CLASSES[status]
    assert error.status == status
    assert error.message == "words"
    ran = status == callgate.Status.REMOTE_ERROR
    assert error.execution == callgate.Execution[("UNKNOWN", "RAN")[ran]]
    assert native.error_status(handle) == 0, "it was freed"


def test_errors_survive_pickling():
    for error in [callgate.RemoteError("T", "m", "trace", 1), callgate.TimedOut("late")]:
        copy = pickle.loads(pickle.dumps(error))
        assert type(copy) is type(error)
        assert vars(copy) == vars(error)
        assert str(copy) == str(error)


@pytest.mark.parametrize(
    ("kind", "standard"),
    [
        (callgate.TimedOut, TimeoutError),
        (callgate.TimedOut, ConnectionError),
        (callgate.ChannelFaulted, ConnectionError),
        (callgate.Closed, ConnectionError),
        (callgate.AccessDenied, PermissionError),
        (callgate.InvalidArgument, ValueError),
    ],
)
def test_errors_are_pythons_own_too(kind, standard):
    error = kind("words")
    error.os_code = 5
    assert isinstance(error, standard) and isinstance(error, callgate.Error)
    assert (str(error), error.message) == ("words", "words")
    copy = pickle.loads(pickle.dumps(error))
    assert (type(copy), str(copy), copy.os_code) == (kind, "words", 5)


def test_a_refused_connection_has_the_systems_code(pipe):
    with callgate.Client(pipe, connection_timeout=0.01) as client:
        with pytest.raises(ConnectionError) as caught:
            client.proxy("ITest").call("Work")
        cause = caught.value.cause
        assert cause.os_code == cause.errno != 0


def test_a_log_handler_that_raises_disturbs_nothing(serving, caplog):
    class Raising(logging.Filter):
        def filter(self, record):
            raise LookupError("no log today")

    logger = logging.getLogger("test.callgate.raising")
    logger.setLevel(logging.DEBUG)
    logger.addFilter(Raising())
    host = serving.host({"ITest": []}, log=logger)
    with serving.client(log=logger) as client:
        client.proxy("ITest").append(1)
    host.close()
    assert "no log today" in caplog.text


def test_public_names_are_those_of_the_package():
    public = [getattr(callgate, name) for name in callgate.__all__]
    named = [each for each in public if isinstance(each, type) or hasattr(each, "__code__")]
    assert {each.__module__ for each in named} == {"callgate"}
    assert pickle.loads(pickle.dumps(callgate.Limits)) is callgate.Limits


def test_the_version_is_reported():
    assert callgate.__version__.count(".") == 2


def test_a_limit_is_kept(serving):
    class Echo:
        def echo(self, value):
            return value

    serving.host({"ITest": Echo()}, limits=callgate.Limits(frame_bytes=200_000))
    proxy = serving.client().proxy("ITest")
    assert proxy.echo(b"x" * 100_000) == b"x" * 100_000
    with pytest.raises(callgate.LimitExceeded) as caught:
        proxy.echo(b"x" * 300_000)
    assert caught.value.execution == callgate.Execution.NOT_RUN


def test_a_negative_limit_is_refused(serving):
    with pytest.raises(callgate.InvalidArgument, match="connections"):
        serving.client(limits=callgate.Limits(connections=-1))


@pytest.mark.parametrize("endpoint", ["", "nowhere", "pipe://", "tcp://nohost", "pipe://a\0b"])
def test_an_endpoint_that_cannot_be_is_refused(endpoint):
    with pytest.raises(callgate.Error):
        callgate.Client(endpoint)


def test_the_log_goes_to_a_logger(serving, caplog):
    logger = logging.getLogger("test.callgate")
    with caplog.at_level(logging.DEBUG, logger.name):
        host = serving.host({"ITest": []}, log=logger)
        with serving.client(log=logger) as client:
            client.proxy("ITest").append(1)
        host.close()
    assert any(record.name == logger.name for record in caplog.records)


def test_nothing_is_kept_for_c_in_the_end(pipe):
    gc.collect()
    before = len(handles.user_data)
    for _ in range(3):
        with callgate.Host(pipe, log=logging.getLogger("test")) as host:
            host.add("ITest", [])
            host.on_client_connected(print)
            host.start()
            assert len(handles.user_data) > before
        del host
    gc.collect()
    assert len(handles.user_data) == before


def test_ordered_interfaces_are_a_list(serving):
    with pytest.raises(callgate.InvalidArgument, match="ITest"):
        serving.host(start=False).add_delegate_factory(
            lambda interface, connection: None, ordered="ITest"
        )


def test_connections_are_equal_when_they_are_the_same(serving):
    serving.host({"ITest": []})
    client, other = serving.client(), serving.client()
    client.wait_connected()
    other.wait_connected()
    assert client.connection == client.connection
    assert len({client.connection, client.connection, other.connection}) == 2
    assert client.connection.peer_address == ""


def test_connections_to_two_hosts_are_not_equal(program, serving, pipe):
    hosts = [program(REDGATE_HOST, f"{pipe}-{number}") for number in range(2)]
    clients = [serving.client(host.endpoints[0]) for host in hosts]
    for client in clients:
        client.wait_connected()
    first, second = (client.connection for client in clients)
    assert first.id == second.id, "each host's process numbers its own connections"
    assert first != second
    assert len({first, second}) == 2
