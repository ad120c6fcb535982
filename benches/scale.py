#!/usr/bin/env python3
"""Computes how far gateways and NATS reach: docs/internals/scale.md.

It takes the costs that benches/gateway_costs.py has measured, and multiplies. The tables go into
the page, beside that of benches/spread.py; with --print they are only printed.
"""

import argparse
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, List, Tuple

import spread
from peers.runner import markdown

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs/internals/scale.md"
COSTS = ROOT / "benches/figures/gateway.json"

# What is assumed of programs and machines.
SESSIONS = 20  # of each host, and of each gateway beside clients
CALLS = 10  # a second in each session: two messages each
CORES = 4  # of a NATS server, of which it may use half, so that a busy moment finds room
CELL = 1_000  # hosts
HEARTBEATS = 2 / 5  # a second in an idle session: one from each side in five seconds


@dataclass(frozen=True)
class Size:
    """A number of hosts, in clusters of NATS servers that do not know each other."""

    title: str
    hosts: int
    clusters: int = 1


SIZES = [
    Size("10 hosts", 10),
    Size("1,000", 1_000),
    Size("100,000, one cluster", 100_000),
    Size("100,000, cells of 1,000", 100_000, 100_000 // CELL),
]


class Model:
    """What a size needs, from the measured costs. Times are microseconds of processor time."""

    def __init__(self, size: Size, costs: Dict[str, Any]) -> None:
        self._base: Dict[str, float] = costs["kib"]
        self._idle: Dict[str, float] = costs["idle_kib"]
        self._message: Dict[str, float] = costs["message"]["processor_us"]
        self._open: Dict[str, float] = costs["open"]["processor_us"]
        self._clusters = size.clusters
        self.hosts = size.hosts // size.clusters
        self.sessions = SESSIONS * self.hosts
        self.heartbeats = self.sessions * HEARTBEATS
        self.messages = self.sessions * CALLS * 2
        self.servers = 1
        while self.nats_cores(self.messages) > self.servers * CORES / 2:
            self.servers += 1

    def nats_cores(self, messages: float) -> float:
        """Cores that a cluster's servers use for a number of messages a second. A message whose
        ends are at different servers passes both."""
        passes = 2 - 1 / self.servers
        return messages * self._message["nats"] * passes / 1e6

    def gateway_core(self) -> float:
        """The share of a core that a gateway uses."""
        messages = self.messages / self.hosts
        return messages * self._message["offering"] / 1e6

    def server_mib(self) -> float:
        """Memory of a server, also for what it knows of the sessions of others."""
        own, others = self._idle["nats"], self._idle["neighbour"]
        share = 1 / self.servers
        kib = self.sessions * (own * share + others * (1 - share))
        return (kib + self._base["nats"]) / 1024

    def gateway_mib(self) -> float:
        """Memory of a gateway."""
        return (self._base["offering"] + SESSIONS * self._idle["offering"]) / 1024

    def return_seconds(self) -> float:
        """How long a server works until all sessions are open again: its own, and those of others,
        whose subscriptions it learns."""
        share = 1 / self.servers
        each = self._open["nats"] * share + self._open["neighbour"] * (1 - share)
        return self.sessions * each / CORES / 1e6

    def rows(self) -> List[Tuple[str, str]]:
        """The cells of its column, with their titles."""
        many = self._clusters

        def total(number: float) -> str:
            return f"{number * many:,.0f}"

        busy, idle = self.nats_cores(self.messages), self.nats_cores(self.heartbeats)
        return [
            ("sessions", total(self.sessions)),
            ("messages a second", total(self.messages)),
            ("gateways, one for each host and for each 20 sessions", total(2 * self.hosts)),
            ("a gateway: share of a core", f"{self.gateway_core():.1%}"),
            ("a gateway: memory", f"{self.gateway_mib():.0f} MiB"),
            ("NATS: cores in use", f"{busy * many:,.1f}"),
            ("NATS: cores in use while all sessions are idle", f"{idle * many:,.2f}"),
            ("NATS: servers that the load needs", total(self.servers)),
            ("NATS: routes between servers", total(self.servers * (self.servers - 1) / 2)),
            ("a NATS server: memory", f"{self.server_mib():,.0f} MiB"),
            ("all sessions open again: time of a server", f"{self.return_seconds():,.2f} s"),
        ]


def scale_table(costs: Dict[str, Any]) -> str:
    """What each size needs."""
    columns = [Model(size, costs).rows() for size in SIZES]
    lines = [
        "| | " + " | ".join(size.title for size in SIZES) + " |",
        "|---|" + "---:|" * len(SIZES),
    ]
    for cells in zip(*columns):
        lines.append(f"| {cells[0][0]} | " + " | ".join(value for _, value in cells) + " |")
    return "\n".join(lines)


def costs_table(costs: Dict[str, Any]) -> str:
    """What was measured."""
    programs = {"connecting": "connecting gateway", "offering": "offering gateway"}
    programs.update({"nats": "NATS server", "neighbour": "another server of the cluster"})
    lines = ["| | " + " | ".join(programs.values()) + " |", "|---|" + "---:|" * len(programs)]
    for title, figure, unit in (
        ("a session is opened", "open", " µs"),
        ("an idle session, each second", "idle_second", " µs"),
        ("a message, one session", "message_alone", " µs"),
        ("a message, eight sessions", "message", " µs"),
        ("a MiB", "mib", " µs"),
        ("memory, eight sessions", "kib", " KiB"),
        ("memory of an idle session", "idle_kib", " KiB"),
        ("threads of an idle session", "idle_threads", ""),
    ):
        its = costs[figure].get("processor_us", costs[figure])
        cells = " | ".join(f"{markdown.short(its[program])}{unit}" for program in programs)
        lines.append(f"| {title} | {cells} |")
    return "\n".join([*lines, "", rates(costs)])


def rates(costs: Dict[str, Any]) -> str:
    """What the programs did in a second."""
    alone, busy, opening, mib = (
        markdown.short(costs[what]["per_second"])
        for what in ("message_alone", "message", "open", "mib")
    )
    full = markdown.short(1e6 / costs["message"]["processor_us"]["offering"])
    return (
        f"In a second, one session carried {alone} messages and eight carried {busy}, {opening}"
        f" sessions were opened, and one session carried {mib} MiB, while all programs shared the"
        f" machine's processors. By its processor time, {full} messages a second fill the core of a"
        " gateway."
    )


def main() -> None:
    """Computes the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--costs", type=Path, default=COSTS, metavar="FILE")
    parser.add_argument("--print", action="store_true", help="leaves the page as it is")
    asked = parser.parse_args()
    costs = json.loads(asked.costs.read_text())
    parts = {"costs": costs_table(costs), "scale": scale_table(costs), "spread": spread.table()}
    for name, table in parts.items():
        if asked.print:
            print(table, end="\n\n")
        else:
            markdown.put(PAGE, name, table)


if __name__ == "__main__":
    main()
