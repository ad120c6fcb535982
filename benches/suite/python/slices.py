"""A client program's conversation with the suite."""

import sys
from array import array
from concurrent.futures import Future
from time import perf_counter_ns
from typing import Callable


def make(call: Callable[[], object], wanted: object) -> None:
    """Makes calls and checks their results: each line of standard input is a number of calls.

    Replies with how long each took, as doubles in microseconds.
    """
    print("ready", flush=True)
    for line in sys.stdin:
        latencies = array("d")
        for _ in range(int(line)):
            begun = perf_counter_ns()
            result = call()
            latencies.append((perf_counter_ns() - begun) / 1000)
            if result != wanted:
                sys.exit(f"{result!r} came back, not {wanted!r}")
        sys.stdout.buffer.write(latencies.tobytes())
        sys.stdout.buffer.flush()


def make_together(start: Callable[[], "Future[object]"], wanted: object) -> None:
    """Starts the number of calls in each line of standard input, and then waits for them.

    Replies like make(), with an equal share of the total time for each.
    """
    print("ready", flush=True)
    for line in sys.stdin:
        count = int(line)
        begun = perf_counter_ns()
        results = [future.result() for future in [start() for _ in range(count)]]
        took = (perf_counter_ns() - begun) / 1000
        if results != [wanted] * count:
            sys.exit(f"not all of {results!r} are {wanted!r}")
        sys.stdout.buffer.write(array("d", [took / count] * count).tobytes())
        sys.stdout.buffer.flush()
