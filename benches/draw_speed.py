#!/usr/bin/env python3
"""Draws figures of benches/figures as bars: null calls beside other systems, a picture for each
language, and beside raw ping-pongs.

The files are what benches/peers/run.py and `cargo bench --bench suite -- --json FILE` write;
benches/tables.py keeps them here. With --check nothing is written, and the exit code is 1 if a
picture is not what the figures give.
"""

import argparse
import html
import json
import sys
from pathlib import Path
from typing import Any, Dict, Iterator, List, Tuple

from peers.runner import markdown

ROOT = Path(__file__).resolve().parents[1]
FIGURES = ROOT / "benches/figures"

PLACEMENTS = {"one-core": "both on one core", "one-core-each": "one core each"}
#: The languages of the peers that are drawn, and their pictures.
PEERS = {"c": "speed-c.svg", "python": "speed-python.svg"}
#: The rows of the suite that are drawn, each a null call, and what the picture calls them.
SUITE = {"null": "callgate Rust", "c": "callgate C", "python": "callgate Python"}
SUITE["dotnet"] = "callgate .NET"

STYLE = """<style>
text { font: 13px system-ui, sans-serif; fill: #1f2328 }
.small { font-size: 12px; fill: #4b535c }
.bold { font-weight: 600 }
.end { text-anchor: end }
.ground { fill: #f6f8fa }
.own { fill: #0b5cad }
.floor { fill: #8d99a6 }
.other { fill: #b3672b }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3 }
.small { fill: #b4bfca }
.ground { fill: #1b222c }
.own { fill: #5fa8f0 }
.floor { fill: #6f7b88 }
.other { fill: #d98c4a }
}
</style>"""

Bars = List[Tuple[str, float]]


def main() -> int:
    """Writes or checks the pictures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare, and write nothing")
    parser.add_argument("--peers", type=Path, default=FIGURES / "peers.json", metavar="FILE")
    parser.add_argument("--suite", type=Path, default=FIGURES / "suite.json", metavar="FILE")
    parser.add_argument("--folder", type=Path, default=ROOT / "docs/pictures")
    asked = parser.parse_args()
    drawn = {**_of_peers(_read(asked.peers)), "speed-suite.svg": _of_suite(_read(asked.suite))}
    wrong = 0
    for name, picture in drawn.items():
        file = asked.folder / name
        if not asked.check:
            file.write_text(picture, encoding="utf-8")
        elif not file.exists() or file.read_text("utf-8") != picture:
            print(f"{file} is not what the figures give: run benches/draw_speed.py")
            wrong = 1
    return wrong


def _read(file: Path) -> Dict[str, Any]:
    document: Dict[str, Any] = json.loads(file.read_text("utf-8"))
    return document


def _of_peers(document: Dict[str, Any]) -> Dict[str, str]:
    """The null calls of each language, by the names of their pictures."""
    drawn = {}
    for kind, file in PEERS.items():
        panels: Dict[str, Bars] = {title: [] for title in PLACEMENTS.values()}
        for row in document["rows"]:
            is_null = row["kind"] == kind and row["workload"] == "W1" and "p50_us" in row
            if is_null and row["placement"] in PLACEMENTS:
                name = markdown.name(row["peer"], document["versions"])
                panels[PLACEMENTS[row["placement"]]].append((name, row["p50_us"]))
        caption = markdown.measured_on(document)
        drawn[file] = _picture(markdown.KINDS[kind], caption, panels)
    return drawn


def _of_suite(document: Dict[str, Any]) -> str:
    """The null calls of all languages, and the raw ping-pongs beside that of Rust."""
    panels: Dict[str, Bars] = {title: [] for title in PLACEMENTS.values()}
    for result in document["results"]:
        row, placement = result["row"], result["placement"]
        if row in SUITE and placement in PLACEMENTS and "measured" in result:
            *floors, own = result["measured"]["lines"]
            drawn = [(SUITE[row], own)]
            if row == "null":
                drawn += [(line["name"], line) for line in floors]
            bars = [(name, line["figures"]["p50_us"]) for name, line in drawn]
            panels[PLACEMENTS[placement]] += bars
    caption = f"{document['processors']} processors; medians of the suite's rows {', '.join(SUITE)}"
    caption += ". A quick run: its figures mean little." if document["is_quick"] else ""
    return _picture("All languages", caption, panels)


def _picture(language: str, caption: str, panels: Dict[str, Bars]) -> str:
    rows = sum(len(bars) for bars in panels.values())
    height = 70 + 22 * rows + 40 * len(panels)
    title = f"{language}: null call between two processes, µs; shorter is faster"
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 720 {height}" width="720" '
        f'height="{height}" role="img">',
        f"<title>{title}</title>",
        STYLE,
        f'<rect class="ground" width="720" height="{height}" rx="6"/>',
        f'<text class="bold" x="20" y="28">{title}</text>',
    ]
    top = 58
    for panel, bars in panels.items():
        lines.append(f'<text class="bold" x="20" y="{top}">{panel}</text>')
        lines += _bars(bars, top + 10)
        top += 22 * len(bars) + 40
    lines.append(f'<text class="small" x="20" y="{height - 14}">{html.escape(caption)}</text>')
    return "\n".join([*lines, "</svg>", ""])


def _bars(bars: Bars, top: int) -> Iterator[str]:
    longest = max(value for _, value in bars)
    for index, (name, value) in enumerate(sorted(bars, key=lambda bar: bar[1])):
        y = top + 22 * index
        own, floor = name.startswith("callgate"), "floor" in name
        kind = "own" if own else "floor" if floor else "other"
        width = max(1, round(440 * value / longest))
        yield f'<text class="end{" bold" if own else ""}" x="180" y="{y + 13}">{name}</text>'
        yield f'<rect class="{kind}" x="190" y="{y}" width="{width}" height="17"/>'
        yield f'<text x="{196 + width}" y="{y + 13}">{float(f"{value:.3g}"):g}</text>'


if __name__ == "__main__":
    sys.exit(main())
