"""What stays of a burst of calls once it is over."""

import threading
import tracemalloc

import callgate

CALLERS = 100

#: The kept buffers of a caller take a quarter of this for each of 16 callers.
MOST_BYTES = 16 << 20


class Meeting:
    """Lets calls return only once all of a burst run."""

    def __init__(self):
        self.barrier = threading.Barrier(CALLERS)

    def Meet(self, text):
        self.barrier.wait(60)
        return text


def burst(proxy):
    results = []

    def call():
        results.append(proxy.call("Meet", "x" * 100, timeout=60))

    threads = [threading.Thread(target=call) for _ in range(CALLERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == ["x" * 100] * CALLERS


def test_a_burst_of_calls_leaves_little_memory(serving):
    serving.host({"ITest": Meeting()}, limits=callgate.Limits(running_calls=CALLERS))
    proxy = serving.client().proxy("ITest")
    tracemalloc.start()
    try:
        burst(proxy)
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < MOST_BYTES
