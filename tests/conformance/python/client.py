"""The client of the conformance matrix in Python."""

import queue
import sys
import threading
import time
from typing import Any, Callable, Dict, List, Type

import callgate
import msgpack
from describe import describe

_PATIENCE = 20

Fields = Dict[str, str]


class Callback:
    """Serves ICallback to the host."""

    def __init__(self) -> None:
        self.arrived: queue.Queue[int] = queue.Queue()

    def Double(self, n: int) -> int:
        return 2 * n

    def Nest(self, depth: int) -> int:
        duplex = callgate.current_call().connection.proxy("IDuplex")
        return 1 + duplex.Nest(depth - 1) if depth else 0

    def Fail(self, type_name: str, message: str) -> None:
        raise callgate.RemoteError(type_name, message)

    def Arrived(self, n: int) -> None:
        self.arrived.put(n)


class Scenario:
    """The state of a scenario's steps."""

    def __init__(self, client: callgate.Client, callback: Callback, fields: Fields) -> None:
        self.client = client
        self.callback = callback
        self.fields = fields

    def number(self, field: str) -> int:
        return int(self.fields[field])


def equal(expected: Any, actual: Any) -> None:
    if expected != actual:
        raise AssertionError(f"{actual!r} instead of {expected!r}")


def fails(kind: Type[callgate.Error], call: Callable[[], Any]) -> callgate.Error:
    try:
        result = call()
    except callgate.Error as error:
        equal(kind, type(error))
        return error
    raise AssertionError(f"{result!r} instead of {kind.__name__}")


def eventually(expected: Any, ask: Callable[[], Any]) -> None:
    end = time.monotonic() + _PATIENCE
    while ask() != expected:
        if time.monotonic() > end:
            raise AssertionError(f"it does not become {expected!r}")
        time.sleep(0.005)


def in_threads(count: int, work: Callable[[int], None]) -> None:
    failures: queue.Queue[BaseException] = queue.Queue()

    def run(number: int) -> None:
        try:
            work(number)
        except BaseException as error:
            failures.put(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if not failures.empty():
        raise failures.get()


def native(digits: str) -> Any:
    return msgpack.unpackb(bytes.fromhex(digits), strict_map_key=False, timestamp=3)


def call(it: Scenario) -> None:
    fields = it.fields
    proxy = it.client.proxy(fields["interface"])
    arguments = native(fields["arguments"])
    signature = fields.get("signature")
    try:
        result = proxy.call(fields["method"], *arguments, signature=signature)
    except callgate.Error as error:
        actual = {
            "status": callgate.Status(error.status).name.replace("_", " ").lower(),
            "execution": error.execution.name.replace("_", " ").lower(),
            "type": getattr(error, "type_name", None),
            "message": error.message,
        }
        if "status" not in fields:
            raise
        for field in actual.keys() & fields.keys():
            equal(fields[field], actual[field])
    else:
        equal(fields.get("result", fields.get("status")), describe(result))


def value(it: Scenario) -> None:
    values = it.client.proxy("IValues")
    held = native(it.fields["value"])
    equal(it.fields["text"], describe(held))
    equal(it.fields["text"], values.Describe(held))
    equal(it.fields["text"], describe(values.Echo(held)))


def one_way_order(it: Scenario) -> None:
    journal = it.client.proxy("IJournal")
    for number in range(it.number("count")):
        journal.Note.one_way(number)
    equal(list(range(it.number("count"))), journal.Read())


def later(it: Scenario) -> None:
    it.client.proxy("IDuplex").Later(it.number("number"))
    equal(it.number("number"), it.callback.arrived.get(timeout=_PATIENCE))


def reconnect(it: Scenario) -> None:
    journal = it.client.proxy("IJournal")
    journal.Note(1)
    fails(callgate.ChannelFaulted, it.client.proxy("ISession").Drop)
    equal([], journal.Read())


def reconnect_initialised(it: Scenario) -> None:
    runs: List[callgate.Proxy] = []

    def initialise(proxy: callgate.Proxy) -> None:
        runs.append(proxy)
        proxy.LogIn("Ada")

    session = it.client.proxy("ISession", initialise)
    equal("Ada", session.WhoAmI())
    fails(callgate.ChannelFaulted, session.Drop)
    equal("Ada", session.WhoAmI())
    equal(2, len(runs))


def time_out(it: Scenario, slow: callgate.Proxy, method: str = "Wait") -> None:
    """Makes a call with a timeout shorter than the call takes."""
    timeout = it.number("timeout_ms") / 1000
    fails(callgate.TimedOut, lambda: slow.call(method, timeout=timeout))


def ends_in_time(it: Scenario, method: str) -> None:
    slow = it.client.proxy("ISlow")
    # Connects, so that the deadline ends the call where it runs.
    slow.Cancelled()
    time_out(it, slow, method)
    eventually(1, slow.Cancelled)


def deadline(it: Scenario) -> None:
    ends_in_time(it, "Wait")


def notified(it: Scenario) -> None:
    ends_in_time(it, "Hold")


def half_result(it: Scenario) -> None:
    slow = it.client.proxy("ISlow")
    for _ in range(it.number("times")):
        time_out(it, slow)


def cancel(it: Scenario) -> None:
    slow = it.client.proxy("ISlow")
    token = callgate.CancelToken()

    def cancel_wait(number: int) -> None:
        if number == 0:
            fails(callgate.Cancelled, lambda: slow.call("Wait", cancel=token))
        else:
            try:
                eventually(1, slow.Waiting)
            finally:
                token.cancel()

    in_threads(2, cancel_wait)
    eventually(1, slow.Cancelled)


def closed(it: Scenario) -> None:
    calculator = it.client.proxy("ICalculator")
    it.client.close()
    error = fails(callgate.Closed, lambda: calculator.Add(1, 2))
    equal(callgate.Execution.NOT_RUN, error.execution)


def large(it: Scenario) -> None:
    block = bytes(31 * i % 256 for i in range(256)) * 256
    count = -(-it.number("bytes") // len(block))
    shifted = (block.translate(bytes((b + i) % 256 for b in range(256))) for i in range(count))
    sent = b"".join(shifted)[: it.number("bytes")]
    if it.client.proxy("IValues").Echo(sent) != sent:
        raise AssertionError("other bytes came back")


def meet(it: Scenario) -> None:
    slow = it.client.proxy("ISlow")
    in_threads(it.number("threads"), lambda _: slow.Meet(it.number("threads")))


def gather(it: Scenario) -> None:
    gathering = it.client.proxy("IGathering")
    count = it.number("calls")
    started = [gathering.Gather.start(count, i) for i in range(count)]
    equal(list(range(count)), [call.result() for call in started])


def threads(it: Scenario) -> None:
    calculator = it.client.proxy("ICalculator")
    duplex = it.client.proxy("IDuplex")

    def work(thread: int) -> None:
        for i in range(it.number("calls")):
            equal(thread + i, calculator.Add(thread, i))
            equal(2 * i, duplex.Double(i))

    in_threads(it.number("threads"), work)


STEPS: Dict[str, Callable[[Scenario], None]] = {
    "call": call,
    "value": value,
    "one-way-order": one_way_order,
    "later": later,
    "reconnect": reconnect,
    "reconnect-initialised": reconnect_initialised,
    "deadline": deadline,
    "notified": notified,
    "half-result": half_result,
    "cancel": cancel,
    "closed": closed,
    "large": large,
    "meet": meet,
    "gather": gather,
    "threads": threads,
}


def play(endpoint: str) -> None:
    """Plays the scenarios that arrive on standard input."""
    for line in sys.stdin:
        fields = dict(field.split("=", 1) for field in line.rstrip("\n").split("\t"))
        callback = Callback()
        aliases = {"Old.": "ICallback"}
        callbacks = {"ICallback": callback}
        try:
            with callgate.Client(endpoint, callbacks=callbacks, aliases=aliases) as client:
                STEPS[fields["steps"]](Scenario(client, callback, fields))
        except Exception as error:
            why = " ".join(f"{type(error).__name__}: {error}".split())
            print(f"failed {fields['name']}: {why}", flush=True)
        else:
            print(f"ok {fields['name']}", flush=True)
