"""The client of the chaos run in Python: three lanes of calls, each a thread."""

import sys
import threading
import time

import callgate
from lanes import STEPS, Lane
from record import Record

#: Lost links and hosts are noticed soon. Calls have the usual 30 s, for busy machines.
_LIMITS = callgate.Limits(
    connection_timeout=2,
    ping_after=2,
    ping_timeout=5,
    reconnect_backoff_min=0.01,
    reconnect_backoff_max=0.2,
)


class Callback:
    """Serves ICallback, which calls back in turn."""

    def Again(self, depth: int) -> int:
        work = callgate.current_call().connection.proxy("IWork")
        return 1 + work.Deeper(depth - 1) if depth else 0


def run(path: str, endpoint: str, number: int, seed: int, pause: int) -> None:
    """Calls until standard input ends."""
    record = Record(path)
    done = threading.Event()
    with callgate.Client(endpoint, callbacks={"ICallback": Callback()}, limits=_LIMITS) as client:

        def follow(lane: Lane) -> None:
            while not done.is_set():
                lane.step()
                time.sleep(pause / 1000)

        threads = [
            threading.Thread(target=follow, args=(Lane(client, record, number, lane, seed),))
            for lane in range(len(STEPS))
        ]
        for thread in threads:
            thread.start()
        sys.stdin.read()
        done.set()
        for thread in threads:
            thread.join()
