"""Runs the snippets of the documentation, those of each page in an empty directory.

A fenced block whose info string is `LANG file=NAME` is a file. One with `sh run` is run by
`bash -eu`, with $CALLGATE naming the checkout and nothing else that leads there; `needs=TOOL,TOOL`
after it skips the page if one of these commands is missing. A block `text output` right
after it is its exact standard output. Other blocks are left alone.

A block with `machine=NAME` belongs to a machine (machines.py), which has a directory of its own.
The first machine that a page names has the address 10.77.0.1, the next one 10.77.0.2. What a block
leaves running there goes on to the end of the page.
"""

import fcntl
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import List, Optional

import machines
from machines import Machines

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]

_RUN_SECONDS = 300

#: Variables that would let a program find something that the page does not install.
_FINDS = re.compile(
    r"CALLGATE|CARGO_TARGET_DIR|CPATH|C_INCLUDE|CPLUS|LD_|LIBRARY_PATH|PYTHON|CMAKE"
)

_BLOCK = re.compile(r"^```([^\n`]+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass
class Step:
    """A file to write, or something to run."""

    text: str
    file: Optional[str] = None
    machine: Optional[str] = None
    needs: List[str] = field(default_factory=list)
    output: Optional[str] = None


def steps(page: Path) -> List[Step]:
    """The steps of a page, in their order."""
    found: List[Step] = []
    last_end = 0
    text = page.read_text("utf-8")
    for block in _BLOCK.finditer(text):
        words = block[1].split()
        options = dict(word.split("=", 1) for word in words[1:] if "=" in word)
        machine = options.get("machine")
        if "file" in options:
            found.append(Step(block[2], file=options["file"], machine=machine))
        elif words[:2] == ["sh", "run"]:
            needs = options["needs"].split(",") if "needs" in options else []
            found.append(Step(block[2], needs=needs, machine=machine))
        elif words == ["text", "output"]:
            if not found or found[-1].file or text[last_end : block.start()].strip():
                raise ValueError(f"{page}: an output stands right after what is run")
            found[-1].output = block[2]
        last_end = block.end()
    return found


class Play:
    """A page that is played in an empty directory."""

    def __init__(self, page: Path, folder: Path) -> None:
        self.steps = steps(page)
        self._folder = folder
        self._groups: List[int] = []
        names = dict.fromkeys(step.machine or "" for step in self.steps if step.machine)
        self._machines = Machines(list(names), f"callgate-{os.getpid()}")

    def close(self) -> None:
        """Ends what the page has left running."""
        for group in self._groups:
            _end_group(group)
        self._machines.close()

    def _place(self, step: Step) -> Path:
        place = self._folder / (step.machine or "")
        place.mkdir(exist_ok=True)
        return place

    def write(self, step: Step) -> None:
        """Writes a file."""
        assert step.file
        place = self._place(step) / step.file
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(step.text, encoding="utf-8")

    def run(self, step: Step) -> str:
        """Runs a step, and returns why it failed, or nothing."""
        environment = {name: value for name, value in os.environ.items() if not _FINDS.match(name)}
        environment["CALLGATE"] = str(ROOT)
        environment["PATH"] = f"{Path(sys.executable).parent}:{environment['PATH']}"
        on_machine = self._machines.command(step.machine) if step.machine else []
        # Into a file: what the step leaves running would keep a pipe open.
        with tempfile.TemporaryFile("w+", encoding="utf-8") as output:
            process = subprocess.Popen(
                [*on_machine, "bash", "-eu", "-c", step.text],
                cwd=self._place(step),
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                start_new_session=True,
            )
            try:
                code: Optional[int] = process.wait(_RUN_SECONDS)
            except subprocess.TimeoutExpired:
                code = None
            if step.machine and code is not None:
                self._groups.append(process.pid)
            else:
                _end_group(process.pid)
            process.wait()
            output.seek(0)
            printed = output.read()
        if code is None:
            return f"not done after {_RUN_SECONDS} s, having printed:\n{printed}"
        if code != 0:
            return f"it ended with code {code}, having printed:\n{printed}"
        if step.output is not None and step.output != printed:
            return f"it printed:\n{printed}instead of:\n{step.output}"
        return ""


def _end_group(group: int) -> None:
    """Ends what a step has left running."""
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        pass


def play(page: Path) -> int:
    """Plays a page, and returns how many of its runs failed; what comes after one fails too."""
    with tempfile.TemporaryDirectory(prefix="callgate-snippets-") as name:
        playing = Play(page, Path(name))
        left = sum(step.file is None for step in playing.steps)
        try:
            for step in playing.steps:
                if step.file is not None:
                    playing.write(step)
                    continue
                why = playing.run(step)
                if why:
                    print(f"FAILED: {page.relative_to(ROOT)}:\n{step.text}{why}")
                    return left
                left -= 1
        finally:
            playing.close()
    return 0


def main() -> int:
    """Plays all pages, or those that are named; prints the counts."""
    require_all = "--require-all" in sys.argv[1:]
    named = [Path(name).resolve() for name in sys.argv[1:] if not name.startswith("--")]
    passed = failed = skipped = 0
    for page in named or PAGES:
        found = steps(page)
        runs = sum(step.file is None for step in found)
        needs = {tool for step in found for tool in step.needs}
        missing = sorted(tool for tool in needs if shutil.which(tool) is None)
        why = f"{', '.join(missing)} is not installed" if missing else ""
        if not why and any(step.machine for step in found):
            why = machines.missing()
        if why:
            print(f"SKIPPED: {page.relative_to(ROOT)}: {why}")
            skipped += 1
            continue
        bad = play(page)
        print(f"{page.relative_to(ROOT)}: {len(found) - runs} files, {runs} runs, {bad} failed")
        passed, failed = passed + runs - bad, failed + bad
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed or (skipped and require_all) else 0


if __name__ == "__main__":
    # Snippets listen on the same endpoints as those of another checkout.
    with open(Path(tempfile.gettempdir()) / f"callgate-snippets-{os.getuid()}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        sys.exit(main())
