"""What lies between a server and its client: a NATS server, and gateways."""

from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Iterator, List, Sequence

from .build import GATEWAY
from .catalogue import Peer
from .processes import running

NATS = ("nats-server", "-a", "127.0.0.1", "-p", "-1")
NATS_SAYS = r"Listening for client connections on (127\.0\.0\.1:\d+)"


@dataclass
class Way:
    """Where a server listens and a client connects, and the programs between them."""

    server: str
    client: str
    pids: List[int] = field(default_factory=list)


@contextmanager
def between(peer: Peer, address: str, nats: Sequence[str] = NATS) -> Iterator[Way]:
    """Runs what the peer has between its server at this address and its client; the NATS server by
    this command."""
    if peer.between not in ("nats", "gateways"):
        yield Way(address, address)
        return
    with ExitStack() as programs:
        pid, place = programs.enter_context(running(*nats, says=NATS_SAYS))
        url = f"nats://{place}"
        if peer.between == "nats":
            yield Way(url, url, [pid])
            return
        way = Way(address, f"{address}.gateway", [pid])
        for role, local in (("offer", way.server), ("connect", way.client)):
            command = (str(GATEWAY), role, f"{url}/bench", f"unix://{local}")
            # Gateways connect to the host only when a client comes, so it may start after them.
            pid, _ = programs.enter_context(running(*command, says=r"^(offering|listening on) "))
            way.pids.append(pid)
        yield way
