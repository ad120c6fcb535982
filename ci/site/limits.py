"""Compares the tables of docs/limits.md with the limits in the sources of all languages."""

import re
from pathlib import Path
from typing import Dict, Iterator, List, Set, Tuple

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/limits.md"
RUST = ROOT / "src/limits.rs"

#: A row of a table whose first or last cell is a name: its name and its limit.
_SETTING = re.compile(r"^\| `(\w+)` \| ([^|]+) \| [^|]+ \|$", re.MULTILINE)
_FIXED = re.compile(r"^\| [^|]+ \| ([^|]+) \| `(\w+)` \|$", re.MULTILINE)

#: Settings that Rust has under another name.
_RUST_NAMES = {"frame_bytes": "frame", "send_queue_bytes": "send_queue"}
_PAUSES = {"reconnect_backoff_min": 0, "reconnect_backoff_max": 1}


def check() -> List[str]:
    """What differs, a line for each difference."""
    text = PAGE.read_text("utf-8")
    rust = RUST.read_text("utf-8")
    settings = dict(_SETTING.findall(text))
    wrong = [f"{name}: the page has not '{limit}'" for name, limit in _defaults(settings, rust)]
    for place, names in _names(set(settings)):
        found = _fields(place)
        wrong += [f"{name}: not in {place}" for name in sorted(names - found)]
        wrong += [f"{name}: in {place}, but not on the page" for name in sorted(found - names)]
    for limit, name in _FIXED.findall(text):
        if limit != _constant(name, rust):
            wrong.append(f"{name}: the page has not '{_constant(name, rust)}'")
    return [f"docs/limits.md: {fault}" for fault in wrong]


def _defaults(settings: Dict[str, str], rust: str) -> Iterator[Tuple[str, str]]:
    """The settings whose default differs, with the right one."""
    for name, limit in settings.items():
        if name in _PAUSES:
            pauses = ("LOCAL_PAUSE", "TCP_PAUSE")
            local, tcp = (_constant(pause, rust, _PAUSES[name]) for pause in pauses)
            right = f"{local}, over TCP {tcp}"
        else:
            field = _RUST_NAMES.get(name, name)
            default = re.search(rf"^            {field}: (.+),$", rust, re.MULTILINE)
            right = _readable(default[1]) if default else "nothing"
        if limit != right:
            yield name, right


def _names(settings: Set[str]) -> Iterator[Tuple[str, Set[str]]]:
    """Where a language has its settings, and what it calls those of the page."""
    yield "bindings/cpp/callgate/limits.hpp", settings
    yield "bindings/python/callgate/_limits.py", settings
    pascal = {"".join(word.title() for word in name.split("_")) for name in settings}
    yield "bindings/dotnet/src/Limits.cs", pascal
    yield "include/callgate.h", {_c_name(name) for name in settings}
    plain = {name for name in settings if name not in _PAUSES}
    yield "src/limits.rs", {_RUST_NAMES.get(name, name) for name in plain} | {"reconnect_backoff"}


def _c_name(name: str) -> str:
    if name in ("spin", "parts"):
        return {"spin": "spin_us", "parts": "no_parts"}[name]
    is_time = name.endswith(("_timeout", "_after", "_min", "_max"))
    return f"{name}_ms" if is_time else name


def _fields(place: str) -> Set[str]:
    """The fields of the one structure for limits in a source file."""
    patterns = {
        ".hpp": r"^    (?:\w|::|<|>)+ (\w+)(?:\{\}| = \w+);$",
        ".py": r"^    (\w+): \w+ = \w+$",
        ".cs": r"^        public \w+\?? (\w+) \{ get; set; \}",
        ".h": r"^    \w+ (\w+);$",
        ".rs": r"^    pub (\w+): [^(]",
    }
    text = (ROOT / place).read_text("utf-8")
    if place.endswith(".h"):
        text = text.split("} callgate_limits;")[0].rsplit("typedef struct", 1)[1]
    found = re.findall(patterns[Path(place).suffix], text, re.MULTILINE)
    return set(found) - {"struct_size"}


def _constant(name: str, rust: str, index: int = 0) -> str:
    """A constant as the page writes it; of a pair, one of its halves."""
    found = re.search(rf"const {name}: [^=]+=\s*([^;]+);", rust)
    value = found[1] if found else "nothing"
    if value.startswith("("):
        value = re.findall(r"Duration::\w+\(\d+\)", value)[index]
    return _readable(value)


def _readable(value: str) -> str:
    """A value of Rust's as the page writes it."""
    value = re.sub(r"^Some\((.+)\)$", r"\1", value)
    time = re.match(r"Duration::from_(secs|millis)\((\d+)\)$", value)
    if time:
        return f"{time[2]} {'s' if time[1] == 'secs' else 'ms'}"
    names = re.match(r"(\d+)\.\.=(\d+)$", value)
    if names:
        return f"{names[1]} to {int(names[2]):,} bytes"
    if value in ("None", "true", "false"):
        return {"None": "measured", "true": "on", "false": "off"}[value]
    value = f"1 * {value}" if value in ("KIB", "MIB") else value
    value = re.sub(r"(\d+) \* ([KM])IB", r"\1 \2iB", value)
    if value.isdigit():
        return f"{int(value):,}"
    return value
