"""Draws a run: what the lasting processes hold, the calls per second, and what happened when."""

from pathlib import Path
from typing import Dict, List, Sequence, Tuple

from samples import Samples

_COLOURS = "#1f77b4 #d62728 #2ca02c #9467bd #ff7f0e #17becf #8c564b #e377c2".split()
_DASHES = {"steady": "", "calm": "6 2", "tried": "2 2"}
_WIDTH, _LEFT, _RIGHT, _HEIGHT, _GAP = 960, 60, 150, 130, 26

#: The most points of a line.
_POINTS = 240

Line = Tuple[str, Sequence[float]]


class _Panel:
    """A panel: its own scale of figures over the run's seconds."""

    def __init__(self, top: int, seconds: Sequence[float], most: float) -> None:
        self._top = top
        self._end = max(seconds[-1], 1)
        self._most = most or 1

    def x(self, second: float) -> float:
        return _LEFT + (_WIDTH - _LEFT - _RIGHT) * second / self._end

    def y(self, figure: float) -> float:
        return self._top + _HEIGHT * (1 - figure / self._most)

    def frame(self, title: str) -> List[str]:
        parts = [f'<text x="{_LEFT}" y="{self._top - 6}">{title}</text>']
        for share in (0, 0.5, 1):
            y, label = self.y(share * self._most), f"{share * self._most:.0f}"
            parts.append(f'<path class="grid" d="M{_LEFT} {y:.1f}H{_WIDTH - _RIGHT}"/>')
            parts.append(f'<text class="end" x="{_LEFT - 6}" y="{y + 4:.1f}">{label}</text>')
        return parts

    def line(self, seconds: Sequence[float], figures: Sequence[float], style: str) -> str:
        points = " ".join(
            f"{self.x(second):.1f},{self.y(figure):.1f}"
            for second, figure in zip(_thin(seconds), _thin(figures))
        )
        return f'<polyline points="{points}" {style}/>'


def _thin(figures: Sequence[float]) -> List[float]:
    """The means of equal stretches: at most as many as a line has points."""
    size = -(-len(figures) // _POINTS)
    stretches = (figures[at : at + size] for at in range(0, len(figures), size))
    return [sum(stretch) / len(stretch) for stretch in stretches]


def _style(name: str, languages: List[str]) -> str:
    kind, _, language = name.partition("-")
    dashes = _DASHES.get(kind, "")
    colour = _COLOURS[languages.index(language)] if language in languages else "#333"
    return f'stroke="{colour}"' + (f' stroke-dasharray="{dashes}"' if dashes else "")


def _rates(samples: Samples) -> List[float]:
    """The calls of each second."""
    spans = zip(samples.seconds, samples.seconds[1:], samples.calls, samples.calls[1:])
    return [0.0, *((after - before) / (end - begin) for begin, end, before, after in spans)]


def _marks(panel: _Panel, top: int, events: Sequence[Tuple[float, str]]) -> List[str]:
    """A row of marks for each kind of event."""
    by_kind: Dict[str, List[float]] = {}
    for second, kind in events:
        by_kind.setdefault(kind, []).append(second)
    parts = []
    for row, (kind, seconds) in enumerate(sorted(by_kind.items())):
        y = top + 14 * row
        places = sorted({f"{panel.x(second):.1f}" for second in seconds})
        marks = "".join(f"M{place} {y}v9" for place in places)
        parts.append(f'<path class="mark" d="{marks}"/>')
        label = f"{kind}: {len(seconds)}"
        parts.append(f'<text x="{_WIDTH - _RIGHT + 8}" y="{y + 9}">{label}</text>')
    return parts


def draw(path: Path, title: str, samples: Samples, events: Sequence[Tuple[float, str]]) -> None:
    """Writes the picture."""
    languages = sorted({name.partition("-")[2] for name in samples.figures})
    panels = [
        (f"{what} {unit}", what, divisor)
        for what, unit, divisor in (
            ("memory", "(MiB)", 1 << 20),
            ("descriptors", "", 1),
            ("threads", "", 1),
        )
    ]
    parts = [f'<text x="{_LEFT}" y="18" class="title">{title}</text>']
    top = 48
    for label, what, divisor in panels:
        lines: List[Line] = [
            (name, [figure / divisor for figure in columns[what]])
            for name, columns in samples.figures.items()
        ]
        parts += _drawn(top, label, samples, lines, languages)
        top += _HEIGHT + _GAP
    parts += _drawn(top, "calls per second", samples, [("", _rates(samples))], languages)
    legend = 48
    for name in samples.figures:
        x, style = _WIDTH - _RIGHT + 8, _style(name, languages)
        parts.append(f'<path d="M{x} {legend}h24" {style}/>')
        parts.append(f'<text x="{x + 30}" y="{legend + 4}">{name}</text>')
        legend += 16
    top += _HEIGHT + _GAP
    axis = _Panel(top, samples.seconds, 1)
    for share in range(5):
        second = samples.seconds[-1] * share / 4
        parts.append(
            f'<text class="mid" x="{axis.x(second):.1f}" y="{top - 8}">{second:.0f} s</text>'
        )
    parts += _marks(axis, top + 6, events)
    height = top + 14 * len({kind for _, kind in events}) + 12
    path.write_text(_HEAD.format(width=_WIDTH, height=height) + "\n".join(parts) + "\n</svg>\n")


def _drawn(
    top: int, title: str, samples: Samples, lines: List[Line], languages: List[str]
) -> List[str]:
    panel = _Panel(top, samples.seconds, max(max(_thin(figures)) for _, figures in lines))
    drawn = [
        panel.line(samples.seconds, figures, _style(name, languages)) for name, figures in lines
    ]
    return [*panel.frame(title), *drawn]


_HEAD = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" \
font-family="sans-serif" font-size="11">
<style>polyline, path {{ fill: none; stroke-width: 1.2 }} .grid {{ stroke: #ddd }} \
.mark {{ stroke: #444; stroke-width: 0.8 }} .title {{ font-size: 14px }} \
.end {{ text-anchor: end }} .mid {{ text-anchor: middle }}</style>
<rect width="100%" height="100%" fill="#fff"/>
"""
