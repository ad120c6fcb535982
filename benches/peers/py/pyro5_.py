"""Pyro5, remote objects of pure Python."""

import threading

import bench
import Pyro5.api

Pyro5.config.SERIALIZER = "msgpack"  # the default, serpent, sends bytes as base64 text


@Pyro5.api.expose
class Bench:
    """Serves all connections."""

    def __init__(self):
        self._posts = 0
        self._lock = threading.Lock()  # each one-way call has a thread of its own

    def add(self, a, b):
        return a + b

    def echo(self, data):
        return data

    @Pyro5.api.oneway
    def post(self, n):
        with self._lock:
            self._posts += 1

    def count(self):
        return self._posts


def connect(addr):
    return Pyro5.api.Proxy(f"PYRO:bench@./u:{addr}")


def serve(addr):
    daemon = Pyro5.api.Daemon(unixsocket=addr)
    daemon.register(Bench(), "bench")
    bench.ready()
    daemon.requestLoop()


if __name__ == "__main__":
    bench.main(connect, serve)
