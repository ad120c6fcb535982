"""Exceptions of the program that are registered by name."""

import subprocess
import sys
import traceback

import pytest

import callgate
from callgate import Execution, RemoteError

SOON = 60


class Refused(Exception):
    """Is registered."""


class OutOfMoney(Refused):
    """Is sent as its base class, unless it is registered itself."""


class Limited(Exception):
    """Carries a value."""

    def __init__(self, message, data=None):
        super().__init__(message)
        self.data = data

    @classmethod
    def from_remote(cls, error):
        return cls(error.message, error.data)


class Unmade(Exception):
    def __init__(self, one, two):
        super().__init__(one, two)


NAMES = {
    "Bank.Refused": Refused,
    "Bank.OldRefused": Refused,
    "Bank.Limited": Limited,
    "Bank.Unmade": Unmade,
}


class Bank:
    def Fail(self, kind):
        kinds = {"Refused": Refused, "OutOfMoney": OutOfMoney, "KeyError": KeyError}
        raise kinds[kind]("no more")

    def Limit(self):
        raise Limited("too much", {"most": 5})

    def Break(self):
        raise Unmade("one", "two")

    def FailAs(self, name):
        raise RemoteError(name, "as asked", "at Home()", [1])

    async def FailLater(self):
        raise Refused("later")

    def Provoke(self):
        try:
            callgate.current_call().connection.proxy("ICallback").Fail()
        except Refused as refused:
            return [str(refused), refused.__cause__.type_name]


class Callback:
    def Fail(self):
        raise Refused("called back")


@pytest.fixture
def bank(serving):
    serving.host({"IBank": Bank()}, exceptions=NAMES, remote_traces=True)
    return serving.client(exceptions=NAMES, callbacks={"ICallback": Callback()}).proxy("IBank")


@pytest.fixture
def plain(serving, bank):
    """The same host, called by a client without registered exceptions."""
    return serving.client().proxy("IBank")


@pytest.mark.parametrize("kind", ["Refused", "OutOfMoney"])
def test_a_registered_exception_arrives_as_itself(bank, kind):
    for fail in (bank.Fail, lambda kind: bank.Fail.start(kind).result(SOON)):
        with pytest.raises(Refused, match="^no more$") as caught:
            fail(kind)
        assert type(caught.value) is Refused
        remote = caught.value.__cause__
        assert (remote.type_name, remote.message) == ("Bank.Refused", "no more")
        assert remote.execution == Execution.RAN
        assert "raise kinds[kind]" in remote.trace


def test_another_language_sees_the_registered_name(plain):
    with pytest.raises(RemoteError) as caught:
        plain.Fail("OutOfMoney")
    assert (caught.value.type_name, caught.value.message) == ("Bank.Refused", "no more")


def test_what_is_not_registered_stays_a_remote_error(bank):
    for fail, name in [
        (lambda: bank.Fail("KeyError"), "KeyError"),
        (lambda: bank.FailAs("builtins.SystemExit"), "builtins.SystemExit"),
        (lambda: bank.FailAs("test_exceptions.OutOfMoney"), "test_exceptions.OutOfMoney"),
        (lambda: bank.FailAs(""), ""),
    ]:
        with pytest.raises(RemoteError) as caught:
            fail()
        assert type(caught.value) is RemoteError
        assert caught.value.type_name == name


def test_names_of_other_languages_are_aliases(bank):
    with pytest.raises(Refused, match="as asked"):
        bank.FailAs("Bank.OldRefused")


def test_an_exception_carries_a_value(bank, plain):
    with pytest.raises(Limited, match="too much") as caught:
        bank.Limit()
    assert caught.value.data == {"most": 5}
    with pytest.raises(RemoteError) as caught:
        plain.Limit()
    assert caught.value.data == {"most": 5}


def test_an_exception_that_cannot_be_made_is_a_remote_error(bank):
    with pytest.raises(RemoteError) as caught:
        bank.Break()
    assert caught.value.type_name == "Bank.Unmade"
    shown = "".join(traceback.format_exception(None, caught.value, caught.tb))
    assert "the registered class Unmade could not be created from this error" in shown
    assert "missing 1 required positional argument: 'two'" in shown
    assert 'raise Unmade("one", "two")' in shown, "the remote trace is there as well"


def test_exceptions_of_async_methods_and_callbacks(bank):
    with pytest.raises(Refused, match="later") as caught:
        bank.FailLater()
    assert "FailLater" in caught.value.__cause__.trace
    assert bank.Provoke() == ["called back", "Bank.Refused"]


def test_a_key_errors_message_is_its_key(serving):
    class Missing(KeyError):
        pass

    class Keys:
        def Look(self, key):
            raise KeyError(key)

        def Find(self, key):
            raise Missing(key)

    known = {"KeyError": KeyError, "Missing": Missing}
    serving.host({"IKeys": Keys}, exceptions={"Missing": Missing})
    with pytest.raises(RemoteError) as caught:
        serving.client().proxy("IKeys").Look("a b")
    assert caught.value.message == "a b"
    keys = serving.client(exceptions=known).proxy("IKeys")
    for call, kind in [(keys.Look, KeyError), (keys.Find, Missing)]:
        with pytest.raises(kind) as caught:
            call("a b")
        assert caught.value.args == ("a b",)
        with pytest.raises(kind) as caught:
            call(5)
        assert str(caught.value.__cause__.message) == "5"


def test_factories_refuse_with_registered_exceptions(serving):
    def refuse():
        raise Refused("not now")

    serving.host({"IBank": refuse}, exceptions=NAMES)
    with pytest.raises(Refused, match="not now"):
        serving.client(exceptions=NAMES).proxy("IBank").Fail("Refused")


def test_the_remote_trace_is_shown(bank, plain):
    for fail in (bank.Fail, plain.Fail):
        with pytest.raises(Exception, match="no more") as caught:
            fail("Refused")
        shown = "".join(traceback.format_exception(None, caught.value, caught.tb))
        assert "raise kinds[kind]" in shown
        assert shown.index("raise kinds[kind]") < shown.index("Bank.Refused: no more")


@pytest.mark.parametrize("wrong", [{"A": SystemExit}, {"A": str}, {"A": Refused("")}, {1: Refused}])
def test_what_is_no_exception_class_is_refused(serving, wrong):
    with pytest.raises(
        callgate.InvalidArgument, match="exceptions must be exception classes by name"
    ):
        serving.client(exceptions=wrong)


def test_a_class_of_another_process_arrives_by_its_registered_name(pipe, program):
    host = program([sys.executable, "-c", HOST], pipe)
    script = CLIENT + f"call({host.endpoints[0]!r})"
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert ended.stdout == "caught Refused: of the host\n"
    for shown in ("in Fail", "Bank.Refused: of the host", "Refused: of the host"):
        assert shown in ended.stderr


HOST = """
import sys, callgate
class NoMoney(Exception):
    pass
class Bank:
    def Fail(self):
        raise NoMoney("of the host")
host = callgate.Host(sys.argv[1], exceptions={"Bank.Refused": NoMoney}, remote_traces=True)
host.add("IBank", Bank())
host.start()
print("listening on", host.endpoints[0], flush=True)
sys.stdin.read()
"""

CLIENT = """
import callgate
class Refused(Exception):
    pass
def call(endpoint):
    with callgate.Client(endpoint, exceptions={"Bank.Refused": Refused}) as client:
        try:
            client.proxy("IBank").Fail()
        except Refused as refused:
            print(f"caught {type(refused).__name__}: {refused}", flush=True)
            raise
"""
