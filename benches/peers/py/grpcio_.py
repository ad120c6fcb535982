"""gRPC for Python. Its one-way messages are a client's stream."""

from concurrent.futures import ThreadPoolExecutor

import bench
import bench_pb2 as pb
import bench_pb2_grpc as service
import grpc

# By default messages above 4 MiB are refused.
SIZES = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]
# By default all channels to one target share a connection.
OWN_CONNECTION = ("grpc.use_local_subchannel_pool", 1)


class Bench(service.BenchServicer):
    """Serves all connections."""

    def Add(self, request, context):  # noqa: N802
        return pb.Num(n=request.a + request.b)

    def Echo(self, request, context):  # noqa: N802
        return pb.Blob(data=request.data)

    def Post(self, requests, context):  # noqa: N802
        return pb.Num(n=sum(1 for _ in requests))


class Conn:
    """One connection, or another thread's handle to one."""

    def __init__(self, addr, stub=None):
        options = [*SIZES, OWN_CONNECTION]
        self.stub = stub or service.BenchStub(grpc.insecure_channel(f"unix:{addr}", options))

    def share(self):
        return Conn(None, self.stub)

    def add(self, a, b):
        return self.stub.Add(pb.Pair(a=a, b=b)).n

    def echo(self, data):
        return self.stub.Echo(pb.Blob(data=data)).data

    def flood(self, numbers):
        return self.stub.Post(pb.Num(n=n) for n in numbers).n


def serve(addr):
    server = grpc.server(ThreadPoolExecutor(8), options=SIZES)  # one for each client of W3
    service.add_BenchServicer_to_server(Bench(), server)
    server.add_insecure_port(f"unix:{addr}")
    server.start()
    bench.ready()
    server.wait_for_termination()


if __name__ == "__main__":
    bench.main(Conn, serve)
