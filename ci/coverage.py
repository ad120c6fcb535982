"""Prints how many lines `llvm-cov export -summary-only` calls covered in two folders of src/."""

import collections
import json
import pathlib
import sys
from typing import Dict

SOURCES = pathlib.Path(__file__).resolve().parents[1] / "src"

lines: Dict[str, "collections.Counter[str]"] = collections.defaultdict(collections.Counter)
for file in json.load(sys.stdin)["data"][0]["files"]:
    path = pathlib.Path(file["filename"])
    if SOURCES in path.parents:
        lines[path.relative_to(SOURCES).parts[0]].update(file["summary"]["lines"])
for folder in ("wire", "connection"):
    covered, count = lines[folder]["covered"], lines[folder]["count"]
    print(f"coverage: src/{folder}: {covered} of {count} lines ({100 * covered // count}%)")
