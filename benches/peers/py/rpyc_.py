"""RPyC: its own protocol, with objects passed by reference."""

import bench
import rpyc
from rpyc.core.channel import Channel
from rpyc.core.stream import SocketStream
from rpyc.utils.factory import unix_connect
from rpyc.utils.server import ThreadedServer

Channel.COMPRESSION_THRESHOLD = 1 << 62  # all above 3000 bytes is deflated otherwise
SocketStream.MAX_IO_CHUNK = 1 << 26  # what is left is copied after each piece of 64000 otherwise
CONFIG = {"sync_request_timeout": 120}  # 30 s are short for 16 MiB on a busy machine


class Service(rpyc.Service):
    """Serves one connection."""

    def exposed_add(self, a, b):
        return a + b

    def exposed_echo(self, data):
        return data

    def exposed_meet(self, visitor):
        self.visitor = visitor

    def exposed_visit(self, n):
        return self.visitor(n)


class Conn:
    """One connection, or another thread's handle to one."""

    def __init__(self, addr, connection=None):
        self.connection = connection or unix_connect(addr, config=CONFIG)
        root = self.connection.root
        # Each attribute look-up is a round trip, so each is looked up once.
        self.add, self.echo, self.visit = root.add, root.echo, root.visit
        root.meet(lambda n: n + 1)

    def share(self):
        return Conn(None, self.connection)


def serve(addr):
    server = ThreadedServer(Service, socket_path=addr, protocol_config=CONFIG)
    server._listen()  # start() does so and then serves; nothing tells when it listens
    bench.ready()
    server.start()


if __name__ == "__main__":
    bench.main(Conn, serve)
