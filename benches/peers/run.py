#!/usr/bin/env python3
"""Runs the same calls on Callgate and on its alternatives, in turns.

Run it with: python3 benches/peers/run.py --quick
"""

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any, Dict, List, Optional

from runner import build, catalogue, facts, markdown, measure, report
from runner.processes import FailedError

WHOLE = measure.Amount(seconds=1, least_calls=5_000, messages=200_000)
QUICK = measure.Amount(seconds=0.2, least_calls=20, messages=5_000)
PAGE = build.ROOT / "docs/speed.md"


def arguments() -> argparse.Namespace:
    """The command line."""
    names = [peer.name for peer in catalogue.PEERS]
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peers", help=f"these, with commas: {', '.join(names)}")
    parser.add_argument("--workloads", help="these, with commas: W1 to W6")
    parser.add_argument("--quick", action="store_true", help="shows that everything works")
    parser.add_argument("--rounds", type=int, help="5 otherwise, 1 when quick")
    parser.add_argument(
        "--placement", choices=catalogue.PLACEMENTS, help="all in this one, not each in its own"
    )
    parser.add_argument("--json", type=Path, default=build.OUT / "peers.json", metavar="FILE")
    parser.add_argument(
        "--markdown",
        type=Path,
        nargs="?",
        const=PAGE,
        metavar="FILE",
        help="puts the tables into this page, docs/speed.md if none is named",
    )
    asked = parser.parse_args()
    unknown = set(asked.peers.split(",") if asked.peers else []) - set(names)
    unknown |= set(asked.workloads.split(",") if asked.workloads else []) - {
        workload.name for workload in catalogue.WORKLOADS
    }
    if unknown:
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    return asked


def build_all(peers: List[catalogue.Peer]) -> Dict[str, List[str]]:
    """The commands of the peers that can run here."""
    commands = {}
    for peer in peers:
        try:
            commands[peer.name] = build.build(peer)
        except build.NotBuiltError as reason:
            print(f"SKIPPED {peer.name}: {reason}", flush=True)
    return commands


def compare(
    workload: catalogue.Workload,
    placement: str,
    commands: Dict[str, List[str]],
    amount: measure.Amount,
    turns: int,
) -> List[Dict[str, object]]:
    """Runs a workload on every peer that supports it, in turns; returns the results."""
    rounds: report.Rounds = {}
    failures: Dict[str, str] = {}
    able = [
        peer for peer in catalogue.PEERS if peer.name in commands and peer.runs(workload, placement)
    ]
    if not able:
        return []
    for _ in range(turns):
        for peer in able:
            if peer.name in failures:
                continue
            try:
                figures = measure.run(peer, commands[peer.name], workload, amount, placement)
                rounds.setdefault(peer.name, []).append(figures)
            except FailedError as failure:
                failures[peer.name] = str(failure)
    report.show(workload, placement, able, rounds, failures)
    return report.as_json(workload, placement, able, rounds, failures)


def main() -> int:
    """Builds, measures and reports; returns 1 if a run failed."""
    asked = arguments()
    names = asked.peers.split(",") if asked.peers else None
    peers = [peer for peer in catalogue.PEERS if not names or peer.name in names]
    commands = build_all(peers)
    amount = QUICK if asked.quick else WHOLE
    turns = asked.rounds or (1 if asked.quick else 5)
    rows: List[Dict[str, object]] = []
    for workload in catalogue.WORKLOADS:
        if asked.workloads and workload.name not in asked.workloads.split(","):
            continue
        for placement in (asked.placement,) if asked.placement else workload.placements:
            if placement == "one-core-each" and len(os.sched_getaffinity(0)) < 2:
                print(f"SKIPPED {workload.title}, {placement}: needs two processors")
                continue
            rows += compare(workload, placement, commands, amount, turns)
    document = {
        "quick": asked.quick,
        "turns": turns,
        "machine": facts.machine(),
        "versions": facts.versions([peer for peer in peers if peer.name in commands]),
        "rows": rows,
    }
    write(document, asked.json, asked.markdown)
    return 1 if any("error" in row for row in rows) else 0


def write(document: Dict[str, Any], file: Path, page: Optional[Path]) -> None:
    """Writes the figures, and their tables into a file and into the page."""
    table = file.with_suffix(".md")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(document, indent=1) + "\n")
    table.write_text(markdown.tables(document) + "\n")
    print(f"The figures are in {file}, as a table in {table}.")
    if page:
        for name, part in markdown.parts(document).items():
            markdown.put(page, name, markdown.tables(part))
        print(f"The tables are in {page}.")


if __name__ == "__main__":
    sys.exit(main())
