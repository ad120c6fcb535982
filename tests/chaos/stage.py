"""Who takes part in a run, and how they are connected."""

import os
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, List

from callgate.testing import FaultyRelay
from half_close import HalfCloser
from processes import Client, Host, Program, Running

#: The numbers of clients: from these on.
CALM, TRIED, DOOMED, SPOILED = 1, 101, 1_001, 500_001

_DOOMED = 2


@dataclass
class Stage:
    """All hosts, clients, and what is between them.

    Attributes:
        steady: Hosts that are never killed, but attacked and stopped.
        victims: Hosts that are killed and replaced.
        calm: Clients of steady hosts, without anything between them: each of their calls succeeds.
        tried: Clients of victims behind relays, which are never killed.
        doomed: Clients of steady hosts behind relays, which are killed.
        spoiled: A client of a steady host, whose bytes are changed on the way.
        relays: All relays, those of the tried clients first.
        spoiling: The relay that changes and loses bytes.
        half_closers: Between relays and victims.
    """

    folder: Path
    random: Random
    pause_ms: int
    steady: List[Host] = field(default_factory=list)
    victims: List[Host] = field(default_factory=list)
    calm: List[Client] = field(default_factory=list)
    tried: List[Client] = field(default_factory=list)
    doomed: List[Client] = field(default_factory=list)
    spoiled: List[Client] = field(default_factory=list)
    relays: List[FaultyRelay] = field(default_factory=list)
    half_closers: List[HalfCloser] = field(default_factory=list)
    spoiling: Any = None

    def set_up(self, programs: List[Program]) -> None:
        """Starts everybody."""
        for program in programs:
            self.steady.append(self._host(program, "steady"))
            self.victims.append(self._host(program, "victim"))
        for index, program in enumerate(programs):
            host = self.steady[(index + 1) % len(programs)]
            # Every second one uses TCP.
            self.calm.append(self._client(program, "calm", CALM + index, host.endpoints[index % 2]))
            relay = self._relay(f"relay-{program.language}", self._way_to_victim(index))
            self.tried.append(self._client(program, "tried", TRIED + index, relay.endpoint))
        for index in range(_DOOMED):
            relay = self._relay(f"relay-{index}", self.steady[index % len(programs)].endpoints[0])
            program = programs[index % len(programs)]
            self.doomed.append(self._client(program, "doomed", DOOMED + index, relay.endpoint))
        self.spoiling = self._relay("spoiling", self.steady[-1].endpoints[0])
        program = self.random.choice(programs)
        self.spoiled.append(self._client(program, "spoiled", SPOILED, self.spoiling.endpoint))

    @property
    def clients(self) -> List[Client]:
        """The clients that run now."""
        return [*self.calm, *self.tried, *self.doomed, *self.spoiled]

    @property
    def lasting(self) -> List[Running]:
        """The processes that are never killed."""
        return [*self.steady, *self.calm, *self.tried]

    def replace_client(self, clients: List[Client], index: int, number: int) -> None:
        """Kills a client, and starts one in another language."""
        killed = clients[index]
        killed.kill()
        program = self.random.choice([host.program for host in self.steady])
        kind = killed.name.split("-")[0]
        clients[index] = self._client(program, kind, number, killed.endpoint)

    def end(self) -> None:
        """Lets everybody close and end: clients first, so that all they have sent arrives."""
        for client in self.clients:
            client.end()
        for host in (*self.steady, *self.victims):
            host.end()

    def kill(self) -> None:
        """Kills whatever still runs."""
        for process in (*self.clients, *self.steady, *self.victims):
            if process.process.poll() is None:
                process.kill()

    def _host(self, program: Program, kind: str) -> Host:
        host = Host(program, f"{kind}-{program.language}")
        host.endpoints = [self._pipe(host.name), "tcp://127.0.0.1:0"]
        host.start()
        return host

    def _client(self, program: Program, kind: str, number: int, endpoint: str) -> Client:
        client = Client(program, f"{kind}-{program.language}")
        client.number, client.endpoint = number, endpoint
        client.seed, client.pause_ms = self.random.getrandbits(63), self.pause_ms
        client.start()
        return client

    def _way_to_victim(self, index: int) -> str:
        """The endpoint of a victim's pipe, or of what is between a relay and its TCP port."""
        pipe, tcp = self.victims[(index + 2) % len(self.victims)].endpoints
        if index % 2 == 0:
            return pipe
        self.half_closers.append(HalfCloser(self.folder / f"{index}.sock", tcp))
        return self.half_closers[-1].endpoint

    def _pipe(self, name: str) -> str:
        return f"pipe://chaos-{os.getpid()}-{name}"

    def _relay(self, name: str, host: str) -> FaultyRelay:
        self.relays.append(FaultyRelay(self._pipe(name), host))
        return self.relays[-1]
