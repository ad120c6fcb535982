"""The peers: what they support, how they are built and what that needs."""

from dataclasses import dataclass, field
from typing import Dict, Tuple


@dataclass(frozen=True)
class Workload:
    """A workload, measured for each peer that supports it."""

    name: str
    title: str
    size: int = 0  # bytes
    figure: str = "p50_us"  # what peers are compared by
    placements: Tuple[str, ...] = ("free",)


PLACEMENTS = ("one-core", "one-core-each", "free")

WORKLOADS = [
    Workload("W1", "null call", placements=PLACEMENTS),
    Workload("W2", "echo of 4 KiB", 4 << 10),
    Workload("W2", "echo of 64 KiB", 64 << 10),
    Workload("W2", "echo of 1 MiB", 1 << 20),
    Workload("W2", "echo of 16 MiB", 16 << 20),
    Workload("W3", "8 connections", figure="calls_per_s"),
    Workload("W4", "8 threads, one connection", figure="calls_per_s"),
    Workload("W5", "a call that calls back"),
    Workload("W6", "one-way", figure="calls_per_s"),
]


@dataclass(frozen=True)
class Peer:
    """A system, or one way of using it."""

    name: str
    kind: str  # the language that it is built and compared in: c, rust, python
    source: str  # of the program, without its ending
    can: str  # the numbers of its workloads
    commands: Dict[str, str] = field(default_factory=dict)  # what has to be on PATH: its package
    libraries: Dict[str, str] = field(default_factory=dict)  # for pkg-config: the package
    library_option: str = ""  # how it is linked where it has nothing for pkg-config
    headers: Dict[str, str] = field(default_factory=dict)  # what pkg-config knows nothing of
    generate: str = ""  # what makes its sources; {out} is where they go
    generated: Tuple[str, ...] = ()  # those to be compiled
    modules: Dict[str, str] = field(default_factory=dict)  # Python's, and their packages
    environment: Dict[str, str] = field(default_factory=dict)
    package: str = ""  # what tells its version where pkg-config, cargo or pip do not
    between: str = ""  # how it leaves its machine: tls, nats, gateways; a Unix socket otherwise
    largest: int = 16 << 20  # bytes that it can echo

    @property
    def table(self) -> str:
        """The table that it is in."""
        return "machines" if self.between else self.kind

    @property
    def callgate(self) -> str:
        """The name of the peer of Callgate that it is compared with."""
        network = {"tls": "callgate-tls", "nats": "callgate-gateways"}
        return network.get(self.between) or f"callgate-{self.between or self.kind}"

    def runs(self, workload: Workload, placement: str) -> bool:
        """Whether it is measured so. What lies between two programs has no placement."""
        able = workload.name[1] in self.can and workload.size <= self.largest
        return able and (not self.between or placement == "free")


PROTOC = {"protoc": "protobuf-compiler"}
OPENSSL = {"openssl": "openssl"}
NATS_SERVER = {"nats-server": "nats-server"}

PEERS = [
    Peer("floor", "c", "floor", "12356"),
    Peer("floor-spinning", "c", "floor", "12356", environment={"PEERS_SPIN": "1"}),
    Peer("callgate-c", "c", "callgate", "123456", library_option="-lcallgate"),
    Peer(
        "grpc-cpp",
        "c",
        "grpc",
        "12346",
        commands={**PROTOC, "grpc_cpp_plugin": "protobuf-compiler-grpc"},
        libraries={"grpc++": "libgrpc++-dev", "protobuf": "libprotobuf-dev"},
        generate="protoc -I idl --cpp_out={out} --grpc_out={out}"
        " --plugin=protoc-gen-grpc=$(command -v grpc_cpp_plugin) bench.proto",
        generated=("bench.pb.cc", "bench.grpc.pb.cc"),
    ),
    Peer(
        "capnp",
        "c",
        "capnp",
        "12356",
        commands={"capnp": "capnproto"},
        libraries={"capnp-rpc": "libcapnp-dev"},
        generate="capnp compile -oc++:{out} --src-prefix=idl idl/bench.capnp",
        generated=("bench.capnp.c++",),
    ),
    Peer("zmq", "c", "zmq", "1236", libraries={"libzmq": "libzmq3-dev"}),
    Peer(
        "nng",
        "c",
        "nng",
        "12346",
        library_option="-lnng",
        headers={"nng/nng.h": "libnng-dev"},
        package="libnng-dev",
    ),
    Peer("sd-bus", "c", "sdbus", "12356", libraries={"libsystemd": "libsystemd-dev"}),
    Peer(
        "thrift",
        "c",
        "thrift",
        "12346",
        commands={"thrift": "thrift-compiler"},
        libraries={"thrift": "libthrift-dev"},
        headers={"boost/numeric/conversion/cast.hpp": "libboost-dev"},
        generate="thrift --gen cpp -out {out} idl/bench.thrift",
        generated=("Bench.cpp",),
    ),
    Peer("callgate-rust", "rust", "callgate", "123456"),
    Peer("tarpc", "rust", "tarpc", "1234"),
    Peer("tonic", "rust", "tonic", "12346", commands=PROTOC),
    Peer("zbus", "rust", "zbus", "123456"),
    Peer("iceoryx2", "rust", "iceoryx2", "1236"),
    Peer("iceoryx2-poll", "rust", "iceoryx2", "1236", environment={"PEERS_POLL": "1"}),
    Peer("callgate-python", "python", "callgate_", "123456", modules={"msgpack": "msgpack"}),
    Peer("mp.connection", "python", "mpconn", "12356"),
    Peer("rpyc", "python", "rpyc_", "12345", modules={"rpyc": "rpyc"}),
    Peer(
        "grpcio",
        "python",
        "grpcio_",
        "12346",
        modules={"grpc": "grpcio", "grpc_tools": "grpcio-tools"},
        generate="{python} -m grpc_tools.protoc -I idl"
        " --python_out={out} --grpc_python_out={out} bench.proto",
    ),
    Peer("pyro5", "python", "pyro5_", "1236", modules={"Pyro5": "Pyro5", "msgpack": "msgpack"}),
    Peer("zerorpc", "python", "zerorpc_", "123", modules={"zerorpc": "zerorpc"}),
    Peer("callgate-tls", "rust", "callgate", "123456", between="tls", commands=OPENSSL),
    Peer("tonic-tls", "rust", "tonic", "12346", between="tls", commands={**PROTOC, **OPENSSL}),
    Peer(
        "callgate-gateways", "rust", "callgate", "123456", between="gateways", commands=NATS_SERVER
    ),
    # A server's messages have at most 1 MiB, unless its operator sets another limit.
    Peer(
        "nats",
        "rust",
        "nats",
        "123456",
        between="nats",
        commands=NATS_SERVER,
        package="nats-server",
        largest=1 << 20,
    ),
]
