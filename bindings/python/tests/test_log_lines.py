"""What peers cause to be written to the logger of the package: whole lines, and few of them."""

import logging
import os
import threading
import time

import callgate

FORGED = "no\r\n2026-01-01 INFO all is well\x1b[2J\x9b1m\u2028\u202e"

#: How many failures of one kind are logged in a second.
LINES = 10


class Failing:
    def Note(self, text):
        try:
            raise LookupError("cause: " + text)
        except LookupError as cause:
            raise RuntimeError(text) from cause

    def Refuse(self, text):
        raise callgate.ContractMismatch(text)

    def Flush(self):
        pass


def test_what_a_peer_sends_forges_no_line_of_a_traceback(serving, caplog):
    proxy = serving.proxy(Failing())
    proxy.Note.one_way(FORGED)
    proxy.Refuse.one_way(FORGED)
    proxy.Flush()
    eventually(lambda: "ITest.Note" in caplog.text and "ITest.Refuse" in caplog.text)
    assert "in Note" in caplog.text, "with its traceback"
    assert "LookupError: cause: no\\r\\n2026" in caplog.text
    assert "RuntimeError: no\\r\\n2026" in caplog.text
    for strange in ["\n2026", "\r", "\x1b", "\x9b", "\u2028", "\u202e"]:
        assert strange not in caplog.text, ascii(strange)


def test_failing_one_way_calls_do_not_fill_the_log(serving, caplog):
    proxy = serving.proxy(Failing())
    began = time.monotonic()
    for _ in range(300):
        proxy.Note.one_way("no")
    proxy.Flush()

    def logged():
        return [line for line in map(str, caplog.messages) if "one-way call ITest.Note" in line]

    assert len(logged()) <= LINES * (int(time.monotonic() - began) + 2)

    def counted():
        proxy.Note.one_way("no")
        return any("more failed one-way calls were not logged" in line for line in caplog.messages)

    eventually(counted)


def test_raising_handlers_do_not_fill_the_log(serving, caplog):
    def come_and_go():
        with callgate.Client(serving.endpoint) as client:
            client.wait_connected()

    def refuse(connection):
        raise RuntimeError("no")

    host = serving.host(start=False)
    host.on_client_connected(refuse)
    host.start()
    began = time.monotonic()
    for _ in range(60):
        come_and_go()

    def logged():
        return caplog.messages.count("a connected handler raised")

    assert logged() <= LINES * (int(time.monotonic() - began) + 2)

    def counted():
        come_and_go()
        return any("more failed handlers were not logged" in line for line in caplog.messages)

    eventually(counted)


def eventually(holds):
    tick = threading.Event()
    give_up = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < give_up
        tick.wait(0.01)


class Records(logging.Handler):
    """Keeps the records of a logger."""

    def __init__(self):
        super().__init__()
        self.records = []

    def emit(self, record):
        self.records.append(record)

    def having(self, words):
        """The first record with these words, waited for."""
        found = lambda: [each for each in self.records if words in each.getMessage()]  # noqa: E731
        eventually(found)
        return found()[0]


def test_records_say_what_they_are_about(serving, pipe, caplog):
    kept = Records()
    log = logging.Logger("a host's")
    log.addHandler(kept)
    with callgate.Host(pipe, log=log) as host:
        host.add_delegate_factory(lambda interface, connection: Failing())
        host.start()
        with callgate.Client(pipe) as client:
            client.proxy("INotes").one_way("Missing")
            missing = kept.having("one-way call INotes.Missing failed")
        ended = kept.having(" ended: ")
    assert missing.callgate_target == "callgate::connection"
    assert (missing.callgate_interface, missing.callgate_method) == ("INotes", "Missing")
    assert missing.callgate_status == callgate.Status.CONTRACT_MISMATCH
    assert missing.callgate_peer_pid == os.getpid()
    assert missing.callgate_peer_user == str(os.geteuid())
    assert missing.callgate_connection == ended.callgate_connection > 0
    assert (missing.callgate_endpoint, missing.callgate_count) == (None, None)
    assert ended.callgate_status is not None

    # The package's own logger has the same attributes.
    serving.proxy(Failing()).Note.one_way("no")
    eventually(lambda: "ITest.Note" in caplog.text)
    (own,) = [each for each in caplog.records if "ITest.Note" in each.getMessage()]
    assert (own.callgate_interface, own.callgate_method) == ("ITest", "Note")
    assert own.callgate_endpoint is None
