"""The figures as Markdown tables, and their place in a page."""

from pathlib import Path
from typing import Any, Dict, List, NamedTuple, Optional


class Column(NamedTuple):
    """One load in one placement."""

    title: str
    workload: str
    placement: str = "free"
    size: int = 0
    figure: str = "p50_us"


COLUMNS = [
    Column("null call, one core, µs", "W1", "one-core"),
    Column("one core each, µs", "W1", "one-core-each"),
    Column("free, µs", "W1"),
    Column("processor time, one core each, µs", "W1", "one-core-each", figure="cpu_us"),
    Column("8 threads, 1 connection, calls/s", "W4", figure="calls_per_s"),
    Column("8 connections, calls/s", "W3", figure="calls_per_s"),
    Column("callback, µs", "W5"),
    Column("one-way, messages/s", "W6", figure="calls_per_s"),
    Column("echo 64 KiB, µs", "W2", size=64 << 10),
    Column("echo 1 MiB, µs", "W2", size=1 << 20),
]
BETWEEN_MACHINES = [
    Column("null call, µs", "W1"),
    Column("its 99th percentile, µs", "W1", figure="p99_us"),
    Column("processor time, µs", "W1", figure="cpu_us"),
    *COLUMNS[4:],
]
KINDS = {"c": "C and C++", "rust": "Rust", "python": "Python", "machines": "Between machines"}

Row = Dict[str, Any]


def parts(document: Dict[str, Any]) -> Dict[str, Dict[str, Any]]:
    """The figures of one machine, and those between machines, by the names of their places."""
    rows: Dict[str, List[Row]] = {"peers": [], "machines": []}
    for row in document["rows"]:
        rows["machines" if row["kind"] == "machines" else "peers"].append(row)
    return {name: {**document, "rows": its} for name, its in rows.items() if its}


def tables(document: Dict[str, Any]) -> str:
    """The figures, in a table for each language and one for machines."""
    told = [measured_on(document)]
    for kind, title in KINDS.items():
        rows = [row for row in document["rows"] if row["kind"] == kind]
        if rows:
            columns = BETWEEN_MACHINES if kind == "machines" else COLUMNS
            told.append(_table(title, columns, rows, document["versions"]))
    return "\n\n".join(told)


def put(page: Path, name: str, text: str) -> None:
    """Puts text between a page's marks with this name."""
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    before, _, rest = page.read_text().partition(begin)
    _, found, after = rest.partition(end)
    if not found:
        raise ValueError(f"{page} has no marks {begin} and {end}")
    page.write_text(f"{before}{begin}\n\n{text}\n\n{end}{after}")


def measured_on(document: Dict[str, Any]) -> str:
    """The day, the machine, and the number of rounds."""
    machine, turns = document["machine"], document["turns"]
    kind = "virtual processors" if machine["is_virtual"] else "processors"
    said = (
        f"{machine['date']}: {machine['processors']} {kind} ({machine['model']}),"
        f" {machine['kernel']}, Python {machine['python']};"
        + (" one round." if turns == 1 else f" medians of {turns} rounds.")
    )
    return said + (" A quick run: its figures mean little." if document["quick"] else "")


def _table(title: str, columns: List[Column], rows: List[Row], versions: Dict[str, str]) -> str:
    lines = [
        f"| {title} | " + " | ".join(column.title for column in columns) + " |",
        "|---|" + "---:|" * len(columns),
    ]
    for peer in dict.fromkeys(row["peer"] for row in rows):
        its = [row for row in rows if row["peer"] == peer]
        cells = (_cell(column, its) for column in columns)
        lines.append(f"| {name(peer, versions)} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def name(peer: str, versions: Dict[str, str]) -> str:
    """A peer with its version, if that is known."""
    return " ".join(filter(None, (peer, versions.get(peer))))


def _cell(column: Column, its: List[Row]) -> str:
    """The figure and, in brackets, its ratio to Callgate's; bold if below 1, which is faster."""
    row = _find(column, its)
    if not row:
        return "–"
    if "error" in row:
        return "failed"
    shown = short(row[column.figure])
    if row["peer"].startswith("callgate"):
        return shown
    times = row["times_callgate"][column.figure]
    if not times:
        return shown
    return f"{shown} (**{short(times)}**)" if times < 0.995 else f"{shown} ({short(times)})"


def _find(column: Column, rows: List[Row]) -> Optional[Row]:
    key = (column.workload, column.placement, column.size)
    for row in rows:
        if (row["workload"], row["placement"], row["size"]) == key:
            return row
    return None


def short(figure: float) -> str:
    """About three digits."""
    for unit, name in ((1e6, "M"), (1e3, "k")):
        if figure >= 10 * unit or (figure >= unit and name == "M"):
            scaled = figure / unit
            return f"{scaled:.1f}{name}" if scaled < 100 else f"{scaled:.0f}{name}"
    if figure < 0.1:
        return f"{figure:.2g}"
    return f"{figure:.2f}" if figure < 10 else f"{figure:.1f}" if figure < 100 else f"{figure:,.0f}"
