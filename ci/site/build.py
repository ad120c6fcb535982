"""Builds the site and checks it: `ci/book` runs this."""

import os
import subprocess
import sys
import time
from typing import List

import browser
import check
import limits
import stage

BOOK = stage.ROOT / "target/book"


def main() -> int:
    """Builds and checks; returns 1 if something is wrong."""
    began = time.monotonic()
    files = stage.stage(BOOK / "pages")
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    command = [sys.executable, "-m", "mkdocs", "build", "--quiet", "--strict"]
    if subprocess.run(command, cwd=stage.ROOT, env=environment, check=False).returncode != 0:
        return 1
    wrong: List[str] = [*limits.check(), *check.check(BOOK / "site")]
    pictures = [sys.executable, str(stage.ROOT / "benches/draw_speed.py"), "--check"]
    if subprocess.run(pictures, check=False).returncode != 0:
        wrong.append("docs/pictures: the figures are not those of benches/figures")
    chromium = browser.find()
    if chromium:
        wrong += browser.check(BOOK / "site", BOOK / "screens", chromium)
    elif "--require-all" in sys.argv[1:]:
        wrong.append("chromium is not installed, so nothing has looked at the pages")
    else:
        print("SKIPPED: the looks of the pages and the search, because chromium is not installed")
    for fault in wrong:
        print(f"FAILED: {fault}")
    seconds = time.monotonic() - began
    print(f"{files} files, {len(wrong)} faults, {seconds:.0f} s: {BOOK / 'site/index.html'}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
