"""Calls: arguments, results and errors."""

import datetime
import threading

import pytest

import callgate


class Served:
    limit = 5

    def __init__(self):
        self.lines = []
        self.noted = threading.Semaphore(0)

    def echo(self, value):
        return value

    def nothing(self):
        pass

    def default(self, a, b=2, *, c=3):
        return [a, b, c]

    def any(self, *values):
        return len(values)

    def keyword(self, *, needed):
        return needed

    def fail(self, message):
        raise ValueError(message)

    def type_error(self):
        return 1 + "one"

    def unencodable(self):
        return object()

    def note(self, line):
        self.lines.append(line)
        self.noted.release()

    def _hidden(self):
        return "hidden"

    @property
    def made_up(self):
        raise AssertionError("a property is not a method")


@pytest.fixture
def served():
    return Served()


@pytest.fixture
def proxy(serving, served):
    return serving.proxy(served)


def mismatch(call, *arguments):
    with pytest.raises(callgate.ContractMismatch) as caught:
        call(*arguments)
    return caught.value


NESTED = {"a": [1, -1, 2.5, None, True, {"b": [b"\0\xff", "\u20ac", []]}], 1: {}, "": ""}


@pytest.mark.parametrize(
    "value",
    [
        None,
        False,
        0,
        -(2**63),
        2**64 - 1,
        0.1,
        float("inf"),
        "",
        "\u20ac\0\U0001f600",
        b"",
        bytes(range(256)),
        [],
        {},
        NESTED,
        datetime.datetime(1969, 7, 20, 20, 17, 40, 250, datetime.timezone.utc),
        list(range(100_000)),
    ],
    ids=lambda value: repr(value)[:20],
)
def test_a_value_comes_back_as_it_went(proxy, value):
    back = proxy.echo(value)
    assert back == value
    assert type(back) is type(value)


def test_a_tuple_comes_back_as_a_list(proxy):
    assert proxy.echo((1, (2,))) == [1, [2]]


def test_16_mib_come_back(proxy):
    data = bytes(range(256)) * (16 * 4096)
    assert proxy.echo(data) == data


def test_a_method_without_a_result_gives_none(proxy):
    assert proxy.nothing() is None


@pytest.mark.parametrize("arguments", [(1,), (1, 5)])
def test_arguments_with_defaults_may_be_left_out(proxy, arguments):
    assert proxy.default(*arguments) == [*arguments, *(2, 3)[len(arguments) - 1 :]]


def test_any_number_of_arguments(proxy):
    assert [proxy.any(), proxy.any(*range(20))] == [0, 20]


@pytest.mark.parametrize(
    ("method", "arguments", "message"),
    [
        ("echo", (), "ITest.echo takes 1 argument, not 0"),
        ("echo", (1, 2), "ITest.echo takes 1 argument, not 2"),
        ("default", (), "ITest.default takes 1 to 2 arguments, not 0"),
        ("default", (1, 2, 3), "ITest.default takes 1 to 2 arguments, not 3"),
        ("missing", (), "interface 'ITest' has no method 'missing'"),
        ("_hidden", (), "interface 'ITest' has no method '_hidden'"),
        ("__init__", (), "interface 'ITest' has no method '__init__'"),
        ("limit", (), "interface 'ITest' has no method 'limit'"),
        ("made_up", (), "interface 'ITest' has no method 'made_up'"),
    ],
)
def test_a_call_that_does_not_fit_does_not_run(proxy, method, arguments, message):
    error = mismatch(proxy.call, method, *arguments)
    assert str(error) == message
    assert error.execution == callgate.Execution.NOT_RUN


def test_a_method_that_needs_keywords_does_not_fit(proxy):
    error = mismatch(proxy.keyword)
    assert "needed" in str(error)
    assert error.execution == callgate.Execution.NOT_RUN


def test_keywords_are_no_arguments(proxy):
    with pytest.raises(callgate.InvalidArgument, match="keyword"):
        proxy.default(1, b=2)


def test_an_unknown_interface_does_not_fit(serving, proxy):
    other = serving.client().proxy("IOther")
    assert "IOther" in str(mismatch(other.echo, 1))


def test_an_exception_reaches_the_caller(proxy):
    with pytest.raises(callgate.RemoteError) as caught:
        proxy.fail("out of \u20ac")
    error = caught.value
    assert (error.type_name, error.message) == ("ValueError", "out of \u20ac")
    assert str(error) == "ValueError: out of \u20ac"
    assert error.status == callgate.Status.REMOTE_ERROR
    assert error.execution == callgate.Execution.RAN


def test_a_type_error_inside_a_method_is_no_mismatch(proxy):
    with pytest.raises(callgate.RemoteError) as caught:
        proxy.type_error()
    assert caught.value.type_name == "TypeError"


def test_a_result_that_cannot_be_encoded_does_not_fit_but_ran(proxy):
    error = mismatch(proxy.unencodable)
    assert "ITest.unencodable" in str(error)
    assert error.execution == callgate.Execution.RAN


@pytest.mark.parametrize("number", [2**64, -(2**63) - 1])
def test_an_integer_beyond_64_bits_is_refused(proxy, number):
    with pytest.raises(callgate.InvalidArgument, match="64 bits"):
        proxy.echo(number)
    assert proxy.echo(1) == 1


@pytest.mark.parametrize("value", [object(), "\ud800", datetime.datetime(2020, 1, 1)])
def test_an_argument_that_cannot_be_encoded_is_refused(proxy, value):
    with pytest.raises(callgate.InvalidArgument, match="cannot be encoded"):
        proxy.echo([1, value])
    assert proxy.echo([1]) == [1]


def test_nesting_too_deep_fails_its_call_alone(proxy):
    deep = 1
    for _ in range(100):
        deep = [deep]
    error = mismatch(proxy.echo, deep)
    assert "64 deep" in str(error)
    assert error.execution == callgate.Execution.NOT_RUN
    assert proxy.echo([[1]]) == [[1]]


def test_one_way_calls_arrive_in_order(proxy, served):
    for line in range(0, 30, 3):
        proxy.note.one_way(line)
        proxy.one_way("note", line + 1)
        proxy.note(line + 2)
    assert served.lines == list(range(30))


def test_a_one_way_call_that_fails_disturbs_nothing(proxy, served):
    proxy.fail.one_way("no one hears it")
    proxy.missing.one_way()
    proxy.note.one_way("after")
    assert served.noted.acquire(timeout=60)
    assert served.lines == ["after"]


def test_closing_sends_one_way_calls_first(serving, served):
    serving.host({"ITest": served})
    with serving.client() as client:
        proxy = client.proxy("ITest")
        for line in range(50):
            proxy.note.one_way(line)
    for _ in range(50):
        assert served.noted.acquire(timeout=60)
    assert served.lines == list(range(50))


def test_methods_are_made_once(proxy):
    assert proxy.echo is proxy.echo
    assert repr(proxy.echo) == "<callgate method ITest.echo>"
    assert proxy.interface == "ITest"
    with pytest.raises(AttributeError):
        proxy._hidden  # noqa: B018


def test_names_with_nul_are_refused(proxy):
    with pytest.raises(callgate.InvalidArgument, match="NUL"):
        proxy.call("echo\0", 1)


def test_16_threads_share_a_client(proxy):
    results = []

    def work(thread):
        results.append(all(proxy.echo([thread, n]) == [thread, n] for n in range(500)))

    threads = [threading.Thread(target=work, args=(n,)) for n in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [True] * 16
