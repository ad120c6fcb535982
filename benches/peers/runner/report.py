"""Medians of the rounds, as a table and as JSON."""

import statistics
from typing import Dict, List, Optional, Tuple

from .catalogue import Peer, Workload
from .measure import Figures

COLUMNS = {
    "p50_us": "p50 µs",
    "p99_us": "p99 µs",
    "mean_us": "mean µs",
    "calls_per_s": "calls/s",
    "mb_per_s": "MB/s",
    "cpu_us": "cpu µs",
}
MORE_IS_BETTER = ("calls_per_s", "mb_per_s")

Rounds = Dict[str, List[Figures]]


def medians(rounds: List[Figures]) -> Figures:
    """The median of each figure."""
    result: Figures = {}
    for name in COLUMNS:
        values = [figure for round_ in rounds if (figure := round_.get(name)) is not None]
        result[name] = statistics.median(values) if values else None
    return result


def ratio(figure: str, peer: Peer, rounds: Rounds) -> Optional[float]:
    """The ratio to the figure of the Callgate that it is compared with: the median of the rounds'
    own ratios."""
    own, its = rounds.get(peer.callgate, []), rounds[peer.name]
    ratios = []
    for callgate, other in zip(own, its):
        ours, theirs = callgate.get(figure), other.get(figure)
        if ours and theirs:
            ratios.append(ours / theirs if figure in MORE_IS_BETTER else theirs / ours)
    return statistics.median(ratios) if ratios else None


def show(
    workload: Workload, placement: str, peers: List[Peer], rounds: Rounds, failures: Dict[str, str]
) -> None:
    """Prints a workload's table."""
    names = "".join(f"{title:>12}" for title in COLUMNS.values())
    print(f"\n{workload.name} {workload.title}, {placement}\n{'':<20}{names}{'× Callgate':>12}")
    table = ""
    for peer in peers:
        if table and table != peer.table:
            print()
        table = peer.table
        if peer.name in failures:
            print(f"  {peer.name:<18}  FAILED: {failures[peer.name]}")
        elif peer.name in rounds:
            middle = medians(rounds[peer.name])
            cells = "".join(_cell(middle[name]) for name in COLUMNS)
            times = ratio(workload.figure, peer, rounds)
            print(f"  {peer.name:<18}{cells}{'-' if times is None else f'{times:.2f}':>12}")
    print(flush=True)


def as_json(
    workload: Workload, placement: str, peers: List[Peer], rounds: Rounds, failures: Dict[str, str]
) -> List[Dict[str, object]]:
    """The figures in the table, and those of each round."""
    rows: List[Dict[str, object]] = []
    for peer in peers:
        head: Tuple[Tuple[str, object], ...] = (
            ("workload", workload.name),
            ("size", workload.size),
            ("placement", placement),
            ("peer", peer.name),
            ("kind", peer.table),
        )
        if peer.name in failures:
            rows.append({**dict(head), "error": failures[peer.name]})
        elif peer.name in rounds:
            its = rounds[peer.name]
            times = {figure: ratio(figure, peer, rounds) for figure in COLUMNS}
            rows.append({**dict(head), **medians(its), "times_callgate": times, "rounds": its})
    return rows


def _cell(figure: Optional[float]) -> str:
    return f"{'-':>12}" if not figure else f"{figure:>12,.1f}"
