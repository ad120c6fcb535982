#!/usr/bin/env python3
"""Runs the same calls on Callgate and on what one would pick instead, in turns.

Run it with: python3 benches/peers/run.py --quick
"""

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Dict, List

from runner import build, catalogue, measure, report

WHOLE = measure.Amount(seconds=1, least_calls=5_000, messages=200_000)
QUICK = measure.Amount(seconds=0.2, least_calls=20, messages=5_000)


def arguments() -> argparse.Namespace:
    """What is asked for."""
    names = [peer.name for peer in catalogue.PEERS]
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peers", help=f"these, with commas: {', '.join(names)}")
    parser.add_argument("--workloads", help="these, with commas: W1 to W6")
    parser.add_argument("--quick", action="store_true", help="shows that everything works")
    parser.add_argument("--rounds", type=int, help="5 otherwise, 1 when quick")
    parser.add_argument("--placement", choices=measure.PLACEMENTS, default="free")
    parser.add_argument("--json", type=Path, default=build.OUT / "peers.json", metavar="FILE")
    asked = parser.parse_args()
    unknown = set(asked.peers.split(",") if asked.peers else []) - set(names)
    unknown |= set(asked.workloads.split(",") if asked.workloads else []) - {
        workload.name for workload in catalogue.WORKLOADS
    }
    if unknown:
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    if asked.placement == "one-core-each" and len(os.sched_getaffinity(0)) < 2:
        parser.error("one core each needs two processors")
    return asked


def build_all(peers: List[catalogue.Peer]) -> Dict[str, List[str]]:
    """The commands of those that can be run here."""
    commands = {}
    for peer in peers:
        try:
            commands[peer.name] = build.build(peer)
        except build.NotBuiltError as reason:
            print(f"SKIPPED {peer.name}: {reason}", flush=True)
    return commands


def main() -> int:
    """Builds, measures and reports; 1 when a run failed."""
    asked = arguments()
    names = asked.peers.split(",") if asked.peers else None
    peers = [peer for peer in catalogue.PEERS if not names or peer.name in names]
    commands = build_all(peers)
    peers = [peer for peer in peers if peer.name in commands]
    amount = QUICK if asked.quick else WHOLE
    turns = asked.rounds or (1 if asked.quick else 5)
    rows: List[Dict[str, object]] = []
    for workload in catalogue.WORKLOADS:
        if asked.workloads and workload.name not in asked.workloads.split(","):
            continue
        rounds: report.Rounds = {}
        failures: Dict[str, str] = {}
        able = [peer for peer in peers if workload.name[1] in peer.can]
        for _ in range(turns):
            for peer in able:
                if peer.name in failures:
                    continue
                try:
                    command = commands[peer.name]
                    figures = measure.run(peer, command, workload, amount, asked.placement)
                    rounds.setdefault(peer.name, []).append(figures)
                except measure.FailedError as failure:
                    failures[peer.name] = str(failure)
        report.show(workload, able, rounds, failures)
        rows += report.as_json(workload, able, rounds, failures)
    asked.json.parent.mkdir(parents=True, exist_ok=True)
    document = {"quick": asked.quick, "placement": asked.placement, "rows": rows}
    asked.json.write_text(json.dumps(document, indent=1) + "\n")
    print(f"The figures are in {asked.json}.")
    return 1 if any("error" in row for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
