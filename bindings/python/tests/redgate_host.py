"""The host of test_redgate_ipc.py: obeys its standard input, and replies in JSON."""

import json
import queue
import sys
import threading
import time
from collections import Counter as Counts
from concurrent.futures import Future

import callgate

SOON = 60

#: How often each factory was asked for each interface.
asked = Counts()
#: What happened, to be asked for in that order.
events: "queue.Queue[object]" = queue.Queue()
#: The connections and callbacks that are used later, and calls that are not answered.
connections = []
callbacks = []
held = []
#: The delegate of both ICounter and INamed for each connection.
counters = {}


class Named:
    """The delegate of INamed, which ICounter inherits from."""

    def __init__(self):
        self.name = ""

    def get_Name(self):
        return self.name

    def set_Name(self, name):
        self.name = name


class Counter(Named):
    """The delegate of ICounter."""

    def __init__(self):
        super().__init__()
        self.count = 0

    def __del__(self):
        events.put(["released"])

    def Next(self):
        self.count += 1
        return self.count

    def Count(self):
        return self.count

    def Add(self, a, b):
        kind = {"Add_Int64_Int64": int, "Add_String_String": str}[callgate.current_call().signature]
        if not (isinstance(a, kind) and isinstance(b, kind)):
            raise callgate.ContractMismatch(f"two of {kind.__name__} are wanted")
        return a + b

    def Fail(self, kind):
        raise {"KeyError": KeyError, "OSError": OSError}[kind]("as asked")

    def Refuse(self):
        raise callgate.RemoteError("System.IO.IOException", "the disk is full", "at Refuse()")

    def Hold(self):
        """Never gets a reply."""
        held.append(Future())
        events.put(["held"])
        return held[-1]


class Duplex:
    """The delegate of IDuplex, which has called back before its first call."""

    def __init__(self, callback):
        self.first = callback.Double(100)
        self.callback = callback
        callbacks.append(callback)

    def Run(self, number):
        return [self.first, self.callback.Double(number)]

    def Provoke(self):
        try:
            self.callback.Fail()
        except callgate.RemoteError as error:
            return [error.type_name, error.message]


class First:
    """The delegate of IFirst from the first factory; the other factories have one too."""

    def Get(self):
        return "the first factory's"


def first(interface, connection):
    asked["first", interface] += 1
    return First() if interface == "IFirst" else None


def second(interface, connection):
    asked["second", interface] += 1
    if interface not in ("ICounter", "INamed", "IFirst"):
        return None
    if connection not in counters:
        counters[connection] = Counter()
    return counters[connection]


def connected(number):
    def tell(connection):
        connections.append(connection)
        events.put([f"connected {number}", connection.id])

    return tell


def disconnected(connection, reason):
    counters.pop(connection, None)
    events.put(["disconnected", connection.id, type(reason).__name__])


def make_host(endpoints):
    host = callgate.Host(*endpoints, remote_traces=True)
    host.add_delegate_factory(first)
    host.add_delegate_factory(second)
    host.add_duplex_delegate_factory("IDuplex", "ICallback", Duplex)
    host.add_interface_alias("Old.", "INowhere")
    host.add_interface_alias("Old.ICounter", "ICounter")
    for number in (1, 2):
        host.on_client_connected(connected(number))
    host.on_client_disconnected(disconnected)
    return host


def call_back(number, pause):
    """Calls the last callback on a new thread, after a number of seconds."""
    results = queue.Queue()

    def use():
        time.sleep(pause)
        results.put(callbacks[-1].Double(number))

    threading.Thread(target=use).start()
    return results.get(timeout=SOON)


def obey(host, order, argument):
    if order == "asked":
        return [asked[factory, argument] for factory in ("first", "second")]
    if order == "event":
        return events.get(timeout=SOON)
    if order == "no event":
        return events.empty()
    if order == "cut":
        return [connection.close() for connection in connections]
    if order == "call back":
        return call_back(*argument)
    if order == "tell":
        return callbacks[-1].Note.one_way(argument)
    assert order == "close"
    return host.close()


def main():
    with make_host(sys.argv[1:]) as host:
        host.start()
        for endpoint in host.endpoints:
            print(f"listening on {endpoint}", flush=True)
        for line in sys.stdin:
            print(json.dumps(obey(host, *json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
