"""Checks the pages of the site: titles, headings, texts for pictures, links and anchors."""

from html.parser import HTMLParser
from pathlib import Path
from typing import Dict, List, Optional, Set, Tuple
from urllib.parse import unquote, urldefrag, urlparse

Attributes = List[Tuple[str, Optional[str]]]


class Page(HTMLParser):
    """What the checks need of a page."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.file = file
        self.title = ""
        self.headings: List[int] = []
        self.anchors: Set[str] = set()
        self.links: List[str] = []
        self.wrong: List[str] = []
        self._in_title = False
        self.feed(file.read_text("utf-8"))

    def handle_starttag(self, tag: str, attrs: Attributes) -> None:
        """Notes what a tag says."""
        values = dict(attrs)
        self._in_title = tag == "title"
        if len(tag) == 2 and tag[0] == "h" and tag[1].isdigit():
            self.headings.append(int(tag[1]))
        if tag == "img" and not values.get("alt"):
            self.wrong.append(f"a picture without a text: {values.get('src')}")
        if values.get("id"):
            if values["id"] in self.anchors:
                self.wrong.append(f"two elements have the id {values['id']}")
            self.anchors.add(str(values["id"]))
        target = values.get("src" if tag in ("img", "script") else "href")
        if target is not None and tag in ("a", "img", "link", "script"):
            self.links.append(target)

    def handle_data(self, data: str) -> None:
        """Notes the title."""
        if self._in_title:
            self.title += data.strip()

    def handle_endtag(self, tag: str) -> None:
        """Ends the title."""
        self._in_title = False


def check(site: Path) -> List[str]:
    """What is wrong with the pages, a line for each fault."""
    pages = {file: Page(file) for file in sorted(site.rglob("*.html")) if file.name != "404.html"}
    wrong = []
    titles: Dict[str, Path] = {}
    for file, page in pages.items():
        faults = page.wrong + _headings(page.headings)
        if not page.title:
            faults.append("no title")
        if page.title in titles:
            faults.append(f"the title of {titles[page.title].relative_to(site)}: {page.title}")
        titles[page.title] = file
        faults += [fault for link in page.links for fault in _link(link, file, pages)]
        wrong += [f"{file.relative_to(site)}: {fault}" for fault in faults]
    return wrong


def _headings(levels: List[int]) -> List[str]:
    wrong = [] if levels.count(1) == 1 else [f"{levels.count(1)} headings of level 1"]
    for above, below in zip([0, *levels], levels):
        if below > above + 1:
            wrong.append(f"a heading of level {below} after one of level {above}")
    return wrong


def _link(link: str, file: Path, pages: Dict[Path, Page]) -> List[str]:
    """What is wrong with a link within the site; links to other sites are not followed."""
    if urlparse(link).scheme:
        return []
    name, anchor = urldefrag(link)
    target = (file.parent / unquote(name)).resolve() if name else file
    if target.is_dir():
        target = target / "index.html"
    if not target.exists():
        return [f"a link to {link}, which does not exist"]
    if anchor and target in pages and unquote(anchor) not in pages[target].anchors:
        return [f"a link to {link}, which has no such anchor"]
    return []
