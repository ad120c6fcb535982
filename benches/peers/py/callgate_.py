"""Callgate, with all limits at their defaults."""

import atexit
import threading

import bench
import callgate


class Visitor:
    """The client's callback interface."""

    def Visited(self, n):  # noqa: N802
        return n + 1


class Bench:
    """Serves one connection."""

    def __init__(self, visitor):
        self._visitor = visitor
        self._posts = 0
        self._lock = threading.Lock()  # calls run at once on several threads

    def Add(self, a, b):  # noqa: N802
        return a + b

    def Echo(self, data):  # noqa: N802
        return data

    def Visit(self, n):  # noqa: N802
        return self._visitor.Visited(n)

    def Post(self, n):  # noqa: N802
        with self._lock:
            self._posts += 1

    def Count(self):  # noqa: N802
        return self._posts


class Conn:
    """One connection, or another thread's handle to one."""

    def __init__(self, addr, proxy=None):
        if proxy is None:
            self._client = callgate.Client(f"unix://{addr}", callbacks={"IVisitor": Visitor()})
            atexit.register(self._client.close)
            proxy = self._client.proxy("IBench")
        self._proxy = proxy
        self.add, self.echo, self.visit = proxy.Add, proxy.Echo, proxy.Visit
        self.post, self.count = proxy.Post.one_way, proxy.Count

    def share(self):
        return Conn(None, self._proxy)


def serve(addr):
    with callgate.Host(f"unix://{addr}") as host:
        host.add_duplex_delegate_factory("IBench", "IVisitor", Bench)
        host.start()
        bench.ready()
        threading.Event().wait()  # until this process is not needed any more


if __name__ == "__main__":
    bench.main(Conn, serve)
