"""Replies of methods: deferred ones, and failures, also of one-way calls."""

import logging
import time
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from numbered import Numbered

import callgate


@pytest.mark.parametrize("done_first", [True, False])
def test_a_future_answers_later(serving, done_first):
    with ThreadPoolExecutor() as pool:

        class Later:
            def double(self, value):
                future = pool.submit(lambda: 2 * value)
                if done_first:
                    future.result()
                return future

            def fail(self):
                return pool.submit(lambda: 1 / 0)

            def cancelled(self):
                future = Future()
                future.cancel()
                return future

            def unencodable(self):
                return pool.submit(object)

        proxy = serving.proxy(Later())
        assert [proxy.double(n) for n in range(50)] == [2 * n for n in range(50)]
        with pytest.raises(callgate.RemoteError, match="ZeroDivisionError"):
            proxy.fail()
        with pytest.raises(callgate.RemoteError, match="CancelledError"):
            proxy.cancelled()
        with pytest.raises(callgate.ContractMismatch):
            proxy.unencodable()


def test_a_future_that_is_dropped_fails_its_call(serving):
    class Forgetful:
        def forget(self):
            return Future()

    with pytest.raises(callgate.RemoteError):
        serving.proxy(Forgetful()).forget()


def test_a_remote_error_is_carried_on_as_it_is(serving):
    class Raising:
        def raise_it(self):
            raise callgate.RemoteError("My.Type", "words", "trace", {"code": [7]})

        def refuse(self):
            raise callgate.ContractMismatch("a number is wanted")

        def bad_data(self):
            raise callgate.RemoteError("My.Type", "words", data=object())

    serving.host({"ITest": Raising()}, remote_traces=True)
    proxy = serving.client().proxy("ITest")
    with pytest.raises(callgate.RemoteError) as caught:
        proxy.raise_it()
    error = caught.value
    assert (error.type_name, error.message, error.trace) == ("My.Type", "words", "trace")
    assert error.data == {"code": [7]}
    with pytest.raises(callgate.ContractMismatch, match="^a number is wanted$") as caught:
        proxy.refuse()
    assert caught.value.execution == callgate.Execution.RAN
    with pytest.raises(callgate.RemoteError, match="words") as caught:
        proxy.bad_data()
    assert caught.value.data is None


def test_an_object_that_fails_to_look_for_a_method(serving):
    class Broken:
        def __getattr__(self, name):
            raise RuntimeError(f"no {name} today")

    proxy = serving.proxy(Broken())
    for _ in range(2):
        with pytest.raises(callgate.RemoteError, match="no Work today"):
            proxy.Work()


@pytest.mark.parametrize("kind", ["plain", "async"])
def test_one_way_calls_that_fail_are_logged(serving, caplog, kind):
    class Failing:
        def Note(self, line):
            raise LookupError("nowhere to note it\n")

        def Flush(self):
            pass

    class FailingLater(Failing):
        async def Note(self, line):
            raise LookupError("nowhere to note it\n")

    host = serving.host(start=False)
    host.add("ITest", Failing if kind == "plain" else FailingLater, ordered=True)
    host.start()
    proxy = serving.client().proxy("ITest")
    proxy.Note.one_way("a")
    proxy.Flush()
    eventually(lambda: "nowhere to note it" in caplog.text)
    (record,) = [each for each in caplog.records if each.name == "callgate"]
    assert "one-way call ITest.Note" in record.getMessage()
    assert "in Note" in caplog.text, "with its traceback"


def test_one_way_calls_that_do_not_fit_are_logged(serving, caplog):
    serving.host({"ITest": Numbered})
    proxy = serving.client().proxy("ITest")
    proxy.next.one_way(5)
    proxy.missing.one_way()
    proxy.next()
    eventually(lambda: "ITest.missing" in caplog.text)
    assert "ITest.next takes 0 arguments, not 1" in caplog.text


def test_one_way_calls_that_fail_are_logged_once(serving, caplog):
    class Failing:
        def Note(self):
            raise LookupError("nowhere to note it")

    logger = logging.getLogger("test.one_way")
    serving.host({"ITest": Failing}, log=logger)
    proxy = serving.client().proxy("ITest")
    proxy.Note.one_way()
    eventually(lambda: "nowhere to note it" in caplog.text)
    assert {each.name for each in caplog.records if "nowhere" in each.getMessage()} == {logger.name}


def test_one_way_calls_whose_future_is_cancelled_are_logged_for_debugging_alone(serving, caplog):
    class Cancelling:
        def Note(self):
            future = Future()
            future.cancel()
            return future

        def Flush(self):
            pass

    caplog.set_level(logging.DEBUG, "callgate")
    proxy = serving.proxy(Cancelling())
    proxy.Note.one_way()
    proxy.Flush()
    (record,) = [each for each in caplog.records if each.name == "callgate"]
    assert record.levelno == logging.DEBUG
    assert record.getMessage() == "one-way call ITest.Note was cancelled"


def eventually(ask):
    for _ in range(500):
        if ask():
            return
        time.sleep(0.01)
    raise AssertionError("it does not happen")
