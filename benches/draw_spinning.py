#!/usr/bin/env python3
"""Draws the gain and the cost of spinning: a call's time and CPU time over the work of both sides.

The figures are those of the suite's rows `slowed-…`. Those of other builds can be drawn beside:

    pip install matplotlib
    cargo bench --bench suite -- --json target/bench.json slowed
    benches/draw_spinning.py target/bench.json "other build=FILE" --picture docs/spinning.svg
"""

import argparse
import json
import re
from pathlib import Path
from typing import Any, Dict, List, Tuple

from matplotlib import pyplot

PLACEMENTS = {
    "one-core-each": "one core each",
    "free": "left to the scheduler",
    "one-core": "on one core",
}
FIGURES = {
    "p50_us": "time of a call, median (µs)",
    "processor_us_per_call": "processor time of a call (µs)",
}
STYLES = {"blocking floor": "k:", "spinning floor": "k--"}

Points = List[Tuple[int, float]]


def main() -> None:
    """Draws a panel for each placement and figure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", nargs="+", help="the suite's figures: FILE, or NAME=FILE")
    parser.add_argument("--picture", type=Path, required=True)
    asked = parser.parse_args()
    documents = {}
    for given in asked.file:
        name, _, file = given.rpartition("=")
        documents[name or "Callgate"] = json.loads(Path(file).read_text())
    # Keep text as text, and produce the same file for the same figures.
    pyplot.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "callgate", "font.size": 9})
    size = (4.2 * len(PLACEMENTS), 3.4 * len(FIGURES))
    picture, panels = pyplot.subplots(len(FIGURES), len(PLACEMENTS), figsize=size, sharex=True)
    for row, (figure, title) in zip(panels, FIGURES.items()):
        for panel, (placement, where) in zip(row, PLACEMENTS.items()):
            for index, (name, document) in enumerate(documents.items()):
                _draw(panel, document, placement, figure, name, with_floors=index == 0)
            panel.set(title=where, ylabel=title, xlabel="work of each side (µs)", ylim=(0, None))
            panel.grid(alpha=0.3)
    panels[0][0].legend()
    loop = next(iter(documents.values()))["fixed_loop_ms"]
    picture.suptitle(f"Null calls between processes that work (fixed loop: {loop:.1f} ms)")
    picture.tight_layout()
    picture.savefig(asked.picture, metadata={"Date": None})


def _draw(
    panel: Any, document: Dict[str, Any], placement: str, figure: str, name: str, with_floors: bool
) -> None:
    lines: Dict[str, Points] = {}
    for result in document["results"]:
        row = re.fullmatch(r"slowed-(\d+)", result["row"])
        if row and result["placement"] == placement and "measured" in result:
            for line in result["measured"]["lines"]:
                lines.setdefault(line["name"], []).append((int(row[1]), line["figures"][figure]))
    for label, points in lines.items():
        if label == "Callgate":
            panel.plot(*zip(*points), "o-", label=name)
        elif with_floors:
            panel.plot(*zip(*points), STYLES[label], label=label)


if __name__ == "__main__":
    main()
