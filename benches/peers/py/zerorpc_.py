"""zerorpc: MessagePack over ZeroMQ, on gevent."""

import bench
import zerorpc


class Bench:
    """Serves all connections."""

    def add(self, a, b):
        return a + b

    def echo(self, data):
        return data


def connect(addr):
    # gevent and the ZeroMQ context belong to one thread, so each has its own.
    context = zerorpc.Context()
    # No heartbeats: while a message of 16 MiB arrives, they get no reply in time.
    return zerorpc.Client("ipc://" + addr, timeout=120, heartbeat=None, context=context)


def serve(addr):
    server = zerorpc.Server(Bench(), heartbeat=None)
    server.bind("ipc://" + addr)
    bench.ready()
    server.run()


if __name__ == "__main__":
    bench.main(connect, serve)
