"""A client program's conversation with the suite."""

import sys
from array import array
from concurrent.futures import Future
from time import perf_counter_ns
from typing import Callable


def make(call: Callable[[], object], wanted: object) -> None:
    """Makes calls that give what is wanted: for each line of the standard input, so many.

    Answers with how long each took, as doubles in microseconds.
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
    """Starts as many calls as each line of the standard input says, and then waits for them.

    Answers as make() does, with the share of each in the time that all took.
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
