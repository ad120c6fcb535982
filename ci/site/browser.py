"""Looks at the pages in Chromium: light, dark and narrow, and searches in them.

The screenshots are for people. The checks are: no page is wider than a narrow window, no script
fails, text has enough contrast, and the search finds what the pages have.
"""

import functools
import http.server
import shutil
import threading
from pathlib import Path
from typing import Any, List, Optional

#: What screenshots are made of; the other pages have the same parts.
MAIN = [
    "index.html",
    "docs/concepts.html",
    "docs/limits.html",
    "docs/python.html",
    "docs/speed.html",
]

LOOKS = {
    "light": {"color_scheme": "light", "viewport": {"width": 1280, "height": 900}},
    "dark": {"color_scheme": "dark", "viewport": {"width": 1280, "height": 900}},
    "narrow": {"color_scheme": "light", "viewport": {"width": 390, "height": 844}},
}

#: A word that only one page has in its title, and that page.
SEARCH = ("RedGate.Ipc", "coming-from-redgate-ipc.html")

#: What WCAG asks of text that is not large.
LEAST_CONTRAST = 4.5

_CONTRAST = (Path(__file__).parent / "contrast.js").read_text("utf-8")
_PICTURES = (Path(__file__).parent / "pictures.js").read_text("utf-8")


def find() -> Optional[str]:
    """The system's Chromium, if there is one."""
    return (
        shutil.which("chromium")
        or shutil.which("chromium-browser")
        or shutil.which("google-chrome")
    )


def check(site: Path, screens: Path, chromium: str) -> List[str]:
    """What is wrong with the looks of the pages; their screenshots go into a folder."""
    # Only the site's own environment has it.
    from playwright.sync_api import sync_playwright  # type: ignore[import-not-found]

    wrong: List[str] = []
    errors: List[str] = []
    screens.mkdir(parents=True, exist_ok=True)
    address = _serve(site)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for look, options in LOOKS.items():
            page = browser.new_page(**options)
            page.on("pageerror", lambda error: errors.append(f"a script failed: {error}"))
            for name in _names(site) if look == "narrow" else MAIN:
                page.goto(f"{address}/{name}")
                wrong += [f"{name}, {look}: {fault}" for fault in _look(page)]
                if name in MAIN:
                    page.screenshot(path=str(screens / f"{Path(name).stem}-{look}.png"))
            if look != "narrow":
                for file in sorted((site / "docs/pictures").glob("*.svg")):
                    page.goto(f"{address}/docs/pictures/{file.name}")
                    wrong += [f"{file.name}, {look}: {fault}" for fault in _picture(page)]
            page.close()
        wrong += _search(browser.new_page(), address)
        browser.close()
    return wrong + errors


def _names(site: Path) -> List[str]:
    return sorted(str(file.relative_to(site)) for file in site.rglob("*.html"))


def _serve(site: Path) -> str:
    """Serves the site on a free port until the process ends; returns its address."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: Any) -> None:
            pass

    handler = functools.partial(Quiet, directory=str(site))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_address[1]}"


def _look(page: Any) -> List[str]:
    wrong = []
    wide = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    if wide > 0:
        wrong.append(f"{wide} pixels wider than the window")
    for element, ratio, text in page.evaluate(_CONTRAST):
        if ratio < LEAST_CONTRAST:
            wrong.append(f"a contrast of {ratio:.1f}, below {LEAST_CONTRAST}: {element} '{text}'")
    return wrong


def _picture(page: Any) -> List[str]:
    return [
        f"a contrast of {ratio:.1f}, below {LEAST_CONTRAST}: '{text}'"
        for ratio, text in page.evaluate(_PICTURES)
        if ratio < LEAST_CONTRAST
    ]


def _search(page: Any, address: str) -> List[str]:
    """Types a word into the search and follows the first result."""
    word, target = SEARCH
    page.goto(f"{address}/index.html")
    page.click("input.md-search__input")
    page.keyboard.type(word, delay=20)
    try:
        page.wait_for_selector(".md-search-result__link", timeout=20_000)
        links = page.eval_on_selector_all(".md-search-result__link", "all => all.map(a => a.href)")
    except Exception as error:
        return [f"the search for {word} shows nothing: {error}"]
    return [] if any(target in link for link in links) else [f"the search for {word} finds {links}"]
