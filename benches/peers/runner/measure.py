"""Runs one peer once: a server, and a client that measures."""

import json
import os
import select
import subprocess
import tempfile
from dataclasses import dataclass
from typing import IO, Dict, List, Optional, Sequence, Tuple

from .between import between
from .build import environment
from .catalogue import Peer, Workload
from .processes import PATIENCE, FailedError, end

Figures = Dict[str, Optional[float]]


@dataclass(frozen=True)
class Amount:
    """How much is measured in one run."""

    seconds: float
    least_calls: int  # of the null call and the callback, unless they take ten times as long
    messages: int  # one-way, unless they take five times as long


def run(
    peer: Peer, command: List[str], workload: Workload, amount: Amount, placement: str
) -> Figures:
    """The figures of a run; raises FailedError if there are none."""
    on_server, on_client = _processors(placement)
    with tempfile.TemporaryDirectory(prefix="peers-") as folder, open(f"{folder}/log", "w+") as log:
        # iceoryx2's names are global to the machine: the folder's name makes them unique.
        address = f"{folder}/s" if peer.source != "iceoryx2" else os.path.basename(folder)
        asked = [workload.name, workload.size, amount.seconds, amount.least_calls, amount.messages]
        with between(peer, address) as way:
            server = _start(peer, [*on_server, *command, "server", way.server], log)
            try:
                _wait_ready(server)
                client_command = [*on_client, *command, "client", way.client, *map(str, asked)]
                return _measure(_start(peer, client_command, log, [server.pid, *way.pids]), amount)
            except FailedError as failure:
                log.seek(0)
                said = [line.strip() for line in log if line.strip()]
                raise FailedError(" | ".join([str(failure), *said[-3:]])[:500]) from None
            finally:
                end(server)


def _processors(placement: str) -> Tuple[List[str], List[str]]:
    """The prefixes of the server's and the client's commands."""
    if placement == "free":
        return [], []
    processors = sorted(os.sched_getaffinity(0))
    client, server = processors[0], processors[1 if placement == "one-core-each" else 0]
    return ["taskset", "-c", str(server)], ["taskset", "-c", str(client)]


def _start(
    peer: Peer, command: List[str], log: IO[str], others: Sequence[int] = ()
) -> "subprocess.Popen[str]":
    # The processor time of the others counts too.
    its = {**environment(peer), "PEERS_SERVER": ",".join(map(str, others))}
    return subprocess.Popen(command, env=its, stdout=subprocess.PIPE, stderr=log, text=True)


def _wait_ready(server: "subprocess.Popen[str]") -> None:
    assert server.stdout
    if not select.select([server.stdout], [], [], PATIENCE)[0]:
        raise FailedError("the server did not start in time")
    if server.stdout.readline() != "ready\n":
        raise FailedError("the server did not start")


def _measure(client: "subprocess.Popen[str]", amount: Amount) -> Figures:
    try:
        said, _ = client.communicate(timeout=60 + 40 * amount.seconds)
        if client.returncode:
            raise FailedError(f"the client exited with {client.returncode}")
        figures: Figures = json.loads(said)
        return figures
    except subprocess.TimeoutExpired:
        raise FailedError("the client hung") from None
    except ValueError:
        raise FailedError("the client gave no figures") from None
    finally:
        end(client)
