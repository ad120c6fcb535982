"""Memory for large arguments and results goes back to the system, or is used again."""

import os
import subprocess
import sys
import time

import pytest

PROGRAM = """
import sys
import threading

import callgate

SIZE = 8 << 20
ROUNDS = 32
# Made once: the test measures Callgate's memory, not the program's.
TEXT, BINARY, ARRAY = "x" * SIZE, b"x" * SIZE, bytearray(SIZE)


class Large:
    def Nothing(self):
        pass

    def Lengths(self, *values):
        return [len(value) for value in values]

    def Text(self):
        return TEXT

    def Binary(self):
        return memoryview(BINARY)


def memory():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) << 10 for line in status if line.startswith("VmRSS"))


def send(large):
    assert large.call("Lengths", "small", BINARY, timeout=60) == [5, SIZE]
    assert large.call("Lengths", TEXT, timeout=60) == [SIZE]
    assert large.method("Lengths", timeout=60).start(ARRAY).result() == [SIZE]


def receive(large):
    assert large.call("Text", timeout=60) == TEXT
    assert large.call("Binary", timeout=60) == BINARY


def work(endpoint, exchange, threads):
    with callgate.Client(endpoint) as client:
        large = client.proxy("ILarge")
        for _ in range(100):
            large.Nothing()
        print(memory(), flush=True)

        def rounds():
            for _ in range(ROUNDS // threads):
                exchange(large)

        running = [threading.Thread(target=rounds) for _ in range(threads)]
        for each in running:
            each.start()
        for each in running:
            each.join()
        print("done", flush=True)
        sys.stdin.read()


if sys.argv[1] == "host":
    with callgate.Host(sys.argv[2]) as host:
        host.add("ILarge", Large())
        host.start()
        print("listening", flush=True)
        sys.stdin.read()
else:
    work(sys.argv[2], {"send": send, "receive": receive}[sys.argv[1]], int(sys.argv[3]))
"""

# What a process may keep: the memory of one value, which it uses again, and a half.
BOUND = 12 << 20

# Longer than a connection that is not in use keeps memory for large frames, which is two seconds.
GIVEN_BACK_SECONDS = 20


def memory(process):
    with open(f"/proc/{process.pid}/status") as status:
        return next(int(line.split()[1]) << 10 for line in status if line.startswith("VmRSS"))


def kept(process, before):
    """What a process keeps beyond what it had, once it is little enough, or finally."""
    give_up = time.monotonic() + GIVEN_BACK_SECONDS
    while True:
        more = memory(process) - before
        if more <= BOUND or time.monotonic() > give_up:
            return more
        time.sleep(0.05)


@pytest.mark.skipif(not os.path.exists("/proc/self/status"), reason="it reads /proc")
@pytest.mark.parametrize("threads", [1, 8])
@pytest.mark.parametrize("exchange", ["send", "receive"])
def test_the_sender_of_large_values_keeps_the_memory_of_one(pipe, exchange, threads):
    started = []

    def start(*arguments):
        command = [sys.executable, "-c", PROGRAM, *map(str, arguments)]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        started.append(subprocess.Popen(command, universal_newlines=True, **pipes))
        return started[-1], started[-1].stdout.readline()

    try:
        host, _ = start("host", pipe)
        client, before = start(exchange, pipe, threads)
        measured = client if exchange == "send" else host
        before = memory(host) if measured is host else int(before)
        assert client.stdout.readline() == "done\n"
        assert kept(measured, before) <= BOUND
    finally:
        for each in reversed(started):
            each.communicate(timeout=60)
