"""A client program's conversation with the suite."""

import sys
from array import array
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
