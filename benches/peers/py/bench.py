"""Shared by the Python peers: the workloads, their timing and the line of JSON.

A peer defines serve(addr) and Conn(addr), which has add and echo; and if supported: visit (W5),
post and count, or flood (W6), and share(), another thread's handle to the same connection (W4).

    PEER server ADDR   |   PEER client ADDR WORKLOAD SIZE SECS LEAST MSGS
"""

import json
import os
import random
import sys
import threading
import time

now = time.perf_counter
THREADS = 8


def processor_time():
    """CPU seconds of this process and of the server's."""
    server = ~int(os.environ["PEERS_SERVER"]) << 3 | 2  # as clock_getcpuclockid makes it
    return time.process_time() + time.clock_gettime(server)


def ready():
    print("ready", flush=True)


def check(answer, wanted):
    if answer != wanted:
        sys.exit(f"{answer!r} came back, not {wanted!r}")


def timed(secs, least, call):
    begin = last = now()
    took = []
    while last - begin < secs or (len(took) < least and last - begin < 10 * secs):
        call()
        t = now()
        took.append(t - last)
        last = t
    return begin, last, took


def adder(conn):
    count = iter(range(1 << 30))

    def call():
        n = next(count)
        check(conn.add(n, 7), n + 7)

    return call


def echoer(conn, size):
    data = random.Random(1).randbytes(size)  # not compressible

    def call():
        back = conn.echo(data)
        check((len(back), back[-1]), (size, data[-1]))

    return call


def visitor(conn):
    return lambda: check(conn.visit(41), 42)


class Measurement:
    """The command line."""

    def __init__(self, workload, size, secs, least, msgs):
        self.workload, self.size, self.secs = workload, int(size), float(secs)
        self.least, self.msgs = int(least), int(msgs)

    def threads(self, n, least, make):
        """Runs a result of make() in each of n threads: a warm-up, then all start together."""
        runs, gate = [None] * n, threading.Barrier(n)
        cpu = [None, None]

        def body(i):
            try:
                call = make()
                timed(self.secs / 4, 2, call)
                gate.wait()
                if i == 0:
                    cpu[0] = processor_time()
                runs[i] = timed(self.secs, least, call)
                gate.wait()  # a client that is done would leave the others more room
                if i == 0:
                    cpu[1] = processor_time()
            except BaseException:
                gate.abort()
                raise

        if n == 1:
            body(0)  # some peers are bound to the main thread
        else:
            workers = [threading.Thread(target=body, args=(i,)) for i in range(n)]
            for worker in workers:
                worker.start()
            for worker in workers:
                worker.join()
        took = [t for _, _, taken in runs for t in taken]
        wall = max(end for _, end, _ in runs) - min(begin for begin, _, _ in runs)
        self.report(n, len(took), took, wall, cpu[1] - cpu[0])

    def flood(self, conn):
        """Sends one-way messages until the server has them all."""
        check(conn.add(1, 1), 2)
        begin, cpu, sent = now(), processor_time(), 0

        def numbers():
            nonlocal sent
            while sent < self.msgs and (sent % 256 or now() - begin < 5 * self.secs):
                sent += 1
                yield sent

        if hasattr(conn, "flood"):
            check(conn.flood(numbers()), sent)
        else:
            for n in numbers():
                conn.post(n)
            while conn.count() < sent:
                time.sleep(0)
        self.report(1, sent, [], now() - begin, processor_time() - cpu)

    def report(self, clients, calls, took, wall, cpu):
        took = sorted(t * 1e6 for t in took)
        mean = sum(took) / len(took) if took else wall * 1e6 / calls
        figures = {
            "workload": self.workload,
            "size": self.size,
            "clients": clients,
            "calls": calls,
            "p50_us": round(took[len(took) // 2], 2) if took else None,
            "p99_us": round(took[len(took) * 99 // 100], 2) if took else None,
            "mean_us": round(mean, 3),
            "calls_per_s": round(calls / wall, 1),
            "mb_per_s": round(2 * self.size * calls / wall / 1e6, 2),
            "cpu_us": round(cpu * 1e6 / calls, 3),
        }
        print(json.dumps(figures), flush=True)


def client(Conn, addr, workload, *amount):  # noqa: N803
    asked = Measurement(workload, *amount)
    if workload == "W1":
        asked.threads(1, asked.least, lambda: adder(Conn(addr)))
    elif workload == "W2":
        asked.threads(1, 5, lambda: echoer(Conn(addr), asked.size))
    elif workload == "W3":
        asked.threads(THREADS, 1, lambda: adder(Conn(addr)))
    elif workload == "W4":
        conn = Conn(addr)
        asked.threads(THREADS, 1, lambda: adder(conn.share()))
    elif workload == "W5":
        asked.threads(1, asked.least, lambda: visitor(Conn(addr)))
    elif workload == "W6":
        asked.flood(Conn(addr))
    else:
        sys.exit(f"no workload {workload}")


def main(Conn, serve):  # noqa: N803
    if sys.argv[1] == "server":
        serve(sys.argv[2])
    else:
        client(Conn, *sys.argv[2:])
