#!/usr/bin/env python3
"""Measures what a session costs gateways and a NATS server: to open, idle, and for each message.

A host and clients in this process exchange bytes through two gateways, which do not look into
them. The NATS server that carries them has a neighbour in its cluster, which only learns who wants
what. The figures go into benches/figures/gateway.json, from which benches/scale.py computes.
"""

import argparse
import json
import queue
import resource
import selectors
import signal
import socket
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Callable, Dict, List

from peers.runner import build, catalogue, facts
from peers.runner.between import NATS, between
from peers.runner.processes import running

PROGRAMS = ("neighbour", "nats", "offering", "connecting")
CLUSTER = (*NATS, "--cluster_name", "costs", "--cluster", "nats://127.0.0.1:-1")
NEIGHBOUR_SAYS = r"Listening for route connections on (127\.0\.0\.1:\d+)"
WATCHDOG = 600  # seconds
PING = b"." * 63 + b"!"
BULK = 256  # MiB

PEER = next(peer for peer in catalogue.PEERS if peer.between == "gateways")

PerProgram = Dict[str, float]


class Host:
    """Takes connections, and answers what ends in an exclamation mark with its last bytes."""

    def __init__(self, path: str) -> None:
        self.accepted: queue.Queue[None] = queue.Queue()
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(path)
        self._listener.listen(1024)
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        waiting = selectors.DefaultSelector()
        waiting.register(self._listener, selectors.EVENT_READ)
        while True:
            for key, _ in waiting.select():
                if key.fileobj is self._listener:
                    waiting.register(self._listener.accept()[0], selectors.EVENT_READ)
                    self.accepted.put(None)
                    continue
                stream = key.fileobj
                assert isinstance(stream, socket.socket)
                received = _received(stream)
                if received.endswith(b"!"):
                    stream.sendall(received[-len(PING) :])
                elif not received:
                    waiting.unregister(stream)
                    stream.close()


def _received(stream: socket.socket) -> bytes:
    try:
        return stream.recv(1 << 20)
    except ConnectionError:
        return b""


class Costs:
    """The processor time and the memory of the programs between clients and host."""

    def __init__(self, pids: List[int]) -> None:
        self._pids = dict(zip(PROGRAMS, pids))

    def of(self, work: Callable[[], float]) -> PerProgram:
        """Microseconds of processor time of each program, per unit of the work."""
        before = self._processor_seconds()
        units = work()
        after = self._processor_seconds()
        return {name: round((after[name] - before[name]) * 1e6 / units, 3) for name in PROGRAMS}

    def _processor_seconds(self) -> PerProgram:
        # The clock of a process, as clock_getcpuclockid() makes it on Linux.
        clocks = {name: (~pid << 3) | 2 for name, pid in self._pids.items()}
        return {name: time.clock_gettime(clock) for name, clock in clocks.items()}

    def status(self, field: str) -> PerProgram:
        """A number of /proc/PID/status, of each program."""
        found = {}
        for name, pid in self._pids.items():
            lines = Path(f"/proc/{pid}/status").read_text().splitlines()
            found[name] = float(next(x for x in lines if x.startswith(f"{field}:")).split()[1])
        return found


def opened(host: Host, path: str, number: int) -> List[socket.socket]:
    """New sessions, all at once."""
    sessions = [socket.socket(socket.AF_UNIX) for _ in range(number)]
    for session in sessions:
        session.connect(path)
    for _ in sessions:
        host.accepted.get(timeout=WATCHDOG)
    return sessions


def answer(session: socket.socket) -> bytes:
    """What the host replies."""
    return session.recv(len(PING), socket.MSG_WAITALL)


def messages(sessions: List[socket.socket], seconds: float) -> float:
    """Sends a message in each session and waits for its answer, again and again; returns the number
    of messages and answers."""
    waiting = selectors.DefaultSelector()
    for session in sessions:
        waiting.register(session, selectors.EVENT_READ, session)
        session.sendall(PING)
    end, number = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        for key, _ in waiting.select():
            assert answer(key.data) == PING
            key.data.sendall(PING)
            number += 2
    for session in sessions:
        assert answer(session) == PING
    return number


def bulk(session: socket.socket) -> float:
    """Sends bytes through one session; returns how many MiB."""
    piece = b"." * (1 << 20)
    for _ in range(BULK):
        session.sendall(piece)
    session.sendall(b"!")
    assert answer(session)
    return BULK


def timed(costs: Costs, work: Callable[[], float]) -> Dict[str, object]:
    """The rate of some work, and its processor time."""
    rates: List[float] = []

    def and_rate() -> float:
        begin = time.monotonic()
        units = work()
        rates.append(units / (time.monotonic() - begin))
        return units

    cost = costs.of(and_rate)
    return {"per_second": round(rates[0], 1), "processor_us": cost}


def measure(
    costs: Costs, open_some: Callable[[int], List[socket.socket]], asked: argparse.Namespace
) -> Dict[str, object]:
    """All figures."""
    busy = open_some(8)
    messages(busy, asked.seconds)  # its memory must not count as that of idle sessions
    before = {field: costs.status(field) for field in ("VmRSS", "Threads")}
    idle: List[socket.socket] = []

    def open_them() -> float:
        idle.extend(open_some(asked.sessions))
        return len(idle)

    def wait() -> float:
        seconds: float = 10 * asked.seconds
        time.sleep(seconds)
        return len(idle) * seconds

    found: Dict[str, object] = {"sessions": asked.sessions, "kib": before["VmRSS"]}
    found["open"] = timed(costs, open_them)
    found["idle_second"] = {"processor_us": costs.of(wait)}
    for field, name in (("VmRSS", "idle_kib"), ("Threads", "idle_threads")):
        now = costs.status(field)
        found[name] = {its: round((now[its] - before[field][its]) / len(idle), 2) for its in now}
    found["message_alone"] = timed(costs, lambda: messages(busy[:1], asked.seconds))
    found["message"] = timed(costs, lambda: messages(busy, asked.seconds))
    found["mib"] = timed(costs, lambda: bulk(busy[0]))
    return found


def measure_in(folder: str, asked: argparse.Namespace) -> Dict[str, object]:
    """Runs the programs, and measures them."""
    host = Host(f"{folder}/s")
    with running(*CLUSTER, says=NEIGHBOUR_SAYS) as (neighbour, route):
        nats = (*CLUSTER, "--routes", f"nats://{route}")
        with between(PEER, f"{folder}/s", nats) as way:
            costs = Costs([neighbour, *way.pids])
            return measure(costs, lambda number: opened(host, way.client, number), asked)


def main() -> int:
    """Builds, measures and writes."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sessions", type=int, default=500, help="idle ones, 500 otherwise")
    parser.add_argument("--seconds", type=float, default=2, help="of each measurement")
    figures = build.ROOT / "benches/figures/gateway.json"
    parser.add_argument("--json", type=Path, default=figures, metavar="FILE")
    asked = parser.parse_args()
    signal.alarm(WATCHDOG)
    files = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))
    try:
        build.check_needs(PEER)
        build.build_gateway()
    except build.NotBuiltError as reason:
        print(f"SKIPPED: {reason}")
        return 0
    with tempfile.TemporaryDirectory(prefix="costs-") as folder:
        found = measure_in(folder, asked)
    document = {"machine": facts.machine(), **found}
    asked.json.write_text(json.dumps(document, indent=1) + "\n")
    print(json.dumps(document, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
