"""Gathers the documents of the site: those of the root and of docs/, and what they link to.

Each gets a link in target/book/pages, at the place that it has in the repository. So relative links
mean the same in the site and on a code host.
"""

import re
import shutil
from pathlib import Path
from typing import Iterator, Set

ROOT = Path(__file__).resolve().parents[2]

_LINK = re.compile(r"\]\(([^)#\s]+)")


def stage(pages: Path) -> int:
    """Fills the folder anew, and returns the number of files."""
    if pages.exists():
        shutil.rmtree(pages)
    found: Set[Path] = set()
    left = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    while left:
        file = left.pop()
        if file not in found:
            found.add(file)
            if file.suffix == ".md":
                left += _targets(file)
    for file in found:
        _link(pages / file.relative_to(ROOT), file)
    _link(pages / "book.css", ROOT / "ci/site/book.css")
    return len(found)


def _targets(file: Path) -> Iterator[Path]:
    """The files of the repository that a document links to."""
    for link in _LINK.finditer(file.read_text("utf-8")):
        target = (file.parent / link[1]).resolve()
        if target.is_file() and ROOT in target.parents:
            yield target


def _link(place: Path, file: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    place.symlink_to(file)
