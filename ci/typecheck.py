"""Checks the Python package, its examples, the documented programs and ci/ with mypy and pyright.

mypy is strict. The blocks `python file=NAME` of a page are one program; the blocks of
bindings/python/README.md, each of which continues the one before, are one file.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import List

from snippets import PAGES, ROOT, steps

PACKAGE = ROOT / "bindings" / "python"
EXAMPLES = PACKAGE / "examples"
CI = ROOT / "ci"


def write_programs(folder: Path) -> List[Path]:
    """Writes the programs of each page into a folder of their own, and returns these."""
    places = []
    for page in PAGES:
        files = [step for step in steps(page) if step.file and step.file.endswith(".py")]
        if files:
            place = folder / page.stem
            place.mkdir()
            places.append(place)
        for step in files:
            (place / str(step.file)).write_text(step.text, encoding="utf-8")
    text = (PACKAGE / "README.md").read_text(encoding="utf-8")
    blocks = [after.split("```", 1)[0] for after in text.split("```python\n")[1:]]
    places.append(folder / "wrapper-readme")
    places[-1].mkdir()
    (places[-1] / "program.py").write_text("\n".join(blocks), encoding="utf-8")
    return places


def run(tool: str, place: Path, *arguments: str) -> bool:
    """Runs a type checker in a folder, and prints what it finds."""
    ended = subprocess.run(
        [sys.executable, "-m", tool, *arguments],
        cwd=place,
        env={**os.environ, "MYPYPATH": f"{PACKAGE}:{place}"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    print(f"{'FAILED' if ended.returncode else 'ok'}: {tool} on {place.name}")
    if ended.returncode:
        print(ended.stdout)
    return ended.returncode == 0


def check(place: Path, settings: Path) -> bool:
    """Whether both checkers find nothing wrong with the files of a folder."""
    paths = sorted(map(str, place.glob("*.py")))
    wanted = {"extraPaths": [str(PACKAGE), str(place)], "include": paths}
    settings.write_text(json.dumps(wanted), encoding="utf-8")
    mypy = ["--strict", "--no-incremental", "--follow-imports=silent", *paths]
    pyright = ["--pythonpath", sys.executable, "--project", str(settings)]
    return all([run("mypy", place, *mypy), run("pyright", place, *pyright)])


def main() -> int:
    """Checks all of them."""
    with tempfile.TemporaryDirectory(prefix="callgate-types-") as name:
        folder = Path(name)
        settings = folder / "pyrightconfig.json"
        # The package's own settings are in its pyproject.toml, those of pyright are the default.
        passed = [
            run("mypy", PACKAGE),
            run("pyright", PACKAGE, "--pythonpath", sys.executable, "callgate"),
        ]
        for place in [EXAMPLES, CI, CI / "site", *write_programs(folder)]:
            passed.append(check(place, settings))
        return 0 if all(passed) else 1


if __name__ == "__main__":
    sys.exit(main())
