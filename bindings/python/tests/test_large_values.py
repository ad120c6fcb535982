"""Large arguments and results: what arrives, and that the memory for them is given back."""

import os
import subprocess
import sys
import threading
import time

import pytest

import callgate

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

    def Map(self):
        return {"binary": BINARY, "text": "small"}


def memory():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) << 10 for line in status if line.startswith("VmRSS"))


def send(large):
    assert large.call("Lengths", "small", BINARY, timeout=60) == [5, SIZE]
    assert large.call("Lengths", TEXT, timeout=60) == [SIZE]
    assert large.call("Lengths", {"a": [BINARY]}, timeout=60) == [1]
    assert large.method("Lengths", timeout=60).start(ARRAY).result() == [SIZE]


def receive(large):
    assert large.call("Text", timeout=60) == TEXT
    assert large.call("Binary", timeout=60) == BINARY
    assert large.call("Map", timeout=60) == {"binary": BINARY, "text": "small"}


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


def start(started, *arguments, **environment):
    """Starts a program that the test ends; returns it and the first line that it prints."""
    program = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *map(str, arguments)],
        env={**os.environ, **environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        universal_newlines=True,
    )
    started.append(program)
    return program, program.stdout.readline()


@pytest.fixture
def started():
    started = []
    yield started
    for each in reversed(started):
        each.communicate(timeout=60)


has_proc = pytest.mark.skipif(not os.path.exists("/proc/self/status"), reason="it reads /proc")


@has_proc
@pytest.mark.parametrize("threads", [1, 8])
@pytest.mark.parametrize("exchange", ["send", "receive"])
def test_the_sender_of_large_values_keeps_the_memory_of_one(pipe, started, exchange, threads):
    host, _ = start(started, "host", pipe)
    before = {host: memory(host)}
    client, own = start(started, exchange, pipe, threads)
    before[client] = int(own)
    assert client.stdout.readline() == "done\n"
    sender = client if exchange == "send" else host
    assert kept(sender, before[sender]) <= BOUND


@has_proc
@pytest.mark.parametrize("exchange", ["send", "receive"])
def test_the_documented_variable_returns_the_receivers_memory(pipe, started, exchange):
    variable = {"MALLOC_MMAP_THRESHOLD_": "131072"}
    host, _ = start(started, "host", pipe, **variable)
    before = memory(host)
    client, own = start(started, exchange, pipe, 8, **variable)
    assert client.stdout.readline() == "done\n"
    assert kept(host, before) <= BOUND
    assert kept(client, int(own)) <= BOUND


SIZE = 3 << 20


def echo(serving):
    proxy = serving.proxy({"Echo": lambda *values: values if len(values) > 1 else values[0]})
    proxy.Echo(b"x" * SIZE)  # From the first one on, large values are looked for.
    return proxy


@pytest.mark.parametrize(
    "value",
    [
        b"x" * SIZE,
        "x" * SIZE,
        "\u00e9" * SIZE,
        {"data": b"x" * SIZE, 3: {"text": "x" * SIZE, "none": None}},
        [1, ["a", [b"x" * SIZE, [b"y" * SIZE]], 2.5]],
        [b"x" * SIZE] * 3 + list(range(12)),
        [b"x" * SIZE] * 2 + list(range(14)),
        {str(number): b"x" * SIZE for number in range(4)},
        list(range(SIZE // 2)),
    ],
    ids=range(9),
)
def test_large_values_arrive(serving, value):
    proxy = echo(serving)
    for _ in range(2):
        assert proxy.Echo(value) == value
        assert proxy.Echo.start(value).result() == value
    assert proxy.Echo(b"small") == b"small"


def test_all_kinds_of_large_buffers_arrive_as_bytes(serving):
    proxy, data = echo(serving), bytes(range(256)) * (SIZE // 256)
    for buffer in (bytearray(data), memoryview(data), memoryview(data).cast("I")):
        assert proxy.Echo(buffer, "small") == [data, "small"]
    assert proxy.Echo(memoryview(data)[: 2 << 20]) == data[: 2 << 20]


def test_large_values_that_cannot_be_encoded_are_refused(serving):
    proxy, data = echo(serving), b"x" * SIZE
    endless = [data]
    endless.append(endless)
    for value, reason in {
        "x" * SIZE + "\ud800": "surrogates not allowed",
        memoryview(data)[::2]: "contiguous",
        (data, 2**64): "an integer does not fit 64 bits",
        (data, object()): "object",
    }.items():
        with pytest.raises(callgate.InvalidArgument, match=f"^cannot be encoded: .*{reason}"):
            proxy.Echo(value)
    with pytest.raises(callgate.InvalidArgument, match="it nests deeper than 64, or holds itself"):
        proxy.Echo(endless)
    assert proxy.Echo(data) == data


def test_threads_that_send_large_values_do_not_mix_them(serving):
    proxy, failures = echo(serving), []

    def work(number):
        data = bytes([number]) * (SIZE + number)
        if any(proxy.call("Echo", data, timeout=60) != data for _ in range(5)):
            failures.append(number)

    running = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for each in running:
        each.start()
    for each in running:
        each.join()
    assert failures == []
