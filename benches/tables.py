#!/usr/bin/env python3
"""Puts the tables of the latest figures into docs/speed.md, and keeps the figures for pictures.

The peers' figures come from benches/peers/run.py, the suite's from `cargo bench --bench suite`.
A table that there are no figures for stays as it is. Figures of quick runs are not kept.
"""

import argparse
import json
from pathlib import Path
from typing import Any, Dict, List

from peers.runner import build, markdown

FIGURES = build.ROOT / "benches" / "figures"
PLACEMENTS = {"one-core": "one core", "one-core-each": "one core each", "free": "free"}
# For many calls at once the rate matters, not the time of each.
BY_RATE = ("threads", "connections", "one-way")

Result = Dict[str, Any]


def main() -> None:
    """Writes the tables for which there are figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--page", type=Path, default=build.ROOT / "docs/speed.md")
    parser.add_argument("--peers", type=Path, default=build.OUT / "peers.json", metavar="FILE")
    parser.add_argument("--suite", type=Path, default=build.TARGET / "bench.json", metavar="FILE")
    asked = parser.parse_args()
    for file, parts in ((asked.peers, markdown.parts), (asked.suite, _whole_suite)):
        if not file.exists():
            print(f"SKIPPED: there is no {file}")
            continue
        for name, document in parts(json.loads(file.read_text())).items():
            text = suite(document) if name == "suite" else markdown.tables(document)
            markdown.put(asked.page, name, text)
            print(f"{asked.page}: the table of {name} is from {file}")
            if not (document.get("quick") or document.get("is_quick")):
                (FIGURES / f"{name}.json").write_text(json.dumps(document, indent=1) + "\n")


def _whole_suite(document: Result) -> Dict[str, Result]:
    return {"suite": document}


def suite(document: Dict[str, Any]) -> str:
    """The suite's figures, a row for each of its rows."""
    lines = [
        "| row | beside | " + " | ".join(PLACEMENTS.values()) + " |",
        "|---|---|" + "---:|" * len(PLACEMENTS),
    ]
    results: List[Result] = document["results"]
    for row in dict.fromkeys(result["row"] for result in results):
        its = {result["placement"]: result for result in results if result["row"] == row}
        first = next((result for result in its.values() if "measured" in result), None)
        if first:
            beside = ", ".join(line["name"] for line in first["measured"]["lines"][:-1])
            cells = (_cell(its.get(placement, {})) for placement in PLACEMENTS)
            lines.append(f"| `{row}` | {beside} | " + " | ".join(cells) + " |")
    note = "A quick run: its figures mean little.\n\n" if document["is_quick"] else ""
    return note + "\n".join(lines)


def _cell(result: Result) -> str:
    """Callgate's figure, and in brackets its multiples of the references."""
    if "measured" not in result:
        return "–"
    own = result["measured"]["lines"][-1]["figures"]
    if result["row"] in BY_RATE:
        figure, unit = "calls_per_second", "/s"
    elif "p50_us" in own:
        figure, unit = "p50_us", " µs"
    else:
        figure, unit = "processor_us_per_call", " µs"
    value = own[figure]
    if unit == " µs" and value >= 10_000:
        value, unit = value / 1000, " ms"
    multiples = [line["figures"].get(figure) for line in result["measured"]["multiples"]]
    told = ", ".join(markdown.short(times) for times in multiples if times is not None)
    return f"{markdown.short(value)}{unit} ({told})"


if __name__ == "__main__":
    main()
