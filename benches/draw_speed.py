#!/usr/bin/env python3
"""Draws the null calls of the tables in docs/speed.md as bars, a picture for each language.

The pictures name the machine and the run that the page names. With --check nothing is written, and
the exit code is 1 if a picture is not what the tables give.
"""

import html
import re
import sys
from pathlib import Path
from typing import Dict, Iterator, List, Tuple

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs/speed.md"
PICTURES = ROOT / "docs/pictures"

LANGUAGES = {"C and C++": "speed-c.svg", "Python": "speed-python.svg"}
#: The columns that are drawn: the beginning of a title, and what the picture says of it.
PANELS = {"null call, one core, µs": "both on one core", "one core each, µs": "one core each"}

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
    wrong = 0
    for name, picture in pictures(PAGE.read_text("utf-8")).items():
        file = PICTURES / name
        if "--check" not in sys.argv[1:]:
            file.write_text(picture, encoding="utf-8")
        elif not file.exists() or file.read_text("utf-8") != picture:
            print(
                f"{file.relative_to(ROOT)} is not what the tables give: run benches/draw_speed.py"
            )
            wrong = 1
    return wrong


def pictures(page: str) -> Dict[str, str]:
    """The pictures of a page, by the names of their files."""
    drawn = {}
    for caption, rows in _tables(page):
        if rows[0][0] in LANGUAGES:
            panels = {
                PANELS[title]: [(row[0], _number(row[column])) for row in rows[2:]]
                for column, title in enumerate(rows[0])
                if title in PANELS
            }
            drawn[LANGUAGES[rows[0][0]]] = _picture(rows[0][0], caption, panels)
    return drawn


def _tables(page: str) -> Iterator[Tuple[str, List[List[str]]]]:
    """The peers' tables, each with the text before it."""
    part = page.split("<!-- peers: begin -->")[1].split("<!-- peers: end -->")[0]
    caption = ""
    for block in filter(None, (block.strip() for block in part.split("\n\n"))):
        if block.startswith("|"):
            lines = block.splitlines()
            yield caption, [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
        else:
            caption = " ".join(block.split())


def _number(cell: str) -> float:
    return float(re.sub(r"\s*\(.*", "", cell).replace(",", ""))


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
        own, floor = name.startswith("callgate"), name.startswith("floor")
        kind = "own" if own else "floor" if floor else "other"
        width = max(1, round(440 * value / longest))
        yield f'<text class="end{" bold" if own else ""}" x="180" y="{y + 13}">{name}</text>'
        yield f'<rect class="{kind}" x="190" y="{y}" width="{width}" height="17"/>'
        yield f'<text x="{196 + width}" y="{y + 13}">{value:g}</text>'


if __name__ == "__main__":
    sys.exit(main())
