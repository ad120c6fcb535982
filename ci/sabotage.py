"""Plants patches that take protections out of copies of the sources; ci/sabotage explains them."""

import argparse
import os
import queue
import random
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Dict, List, Optional, Tuple

from named_tests import LANGUAGES, Test

ROOT = Path(__file__).resolve().parents[1]
PATCHES = ROOT / "tests" / "sabotage"
TARGET = Path(os.environ.get("CARGO_TARGET_DIR") or ROOT / "target").resolve() / "sabotage"
#: The names of those that the last run has found, for a run that resumes it.
FOUND = TARGET / "found"

#: What the tests need of the repository.
_PARTS = (
    *("Cargo.toml", "Cargo.lock", "build.rs", "cbindgen.toml", "README.md", "PROTOCOL.md"),
    *("src", "macros", "include", "benches", "tests", "examples", "examples-c", "docs", "ci"),
    *("cli", "gateway", "bindings"),
)
_LEFT_OUT = {"target", "__pycache__", "obj", "bin", "node_modules", "peers", ".pytest_cache"}

_BUILD_SECONDS = 1200
_TEST_SECONDS = 300


@dataclass
class Sabotage:
    """A patch, and a test that must fail with it."""

    name: str
    patch: Path
    test: Test

    @property
    def label(self) -> str:
        return f"{self.name} {self.test.name}"


def read(patch: Path) -> List[Sabotage]:
    """The patch with each test that it names."""
    found = []
    for line in patch.read_text("utf-8").splitlines():
        language, _, words = line.partition(":")
        if language in LANGUAGES and words.strip():
            found.append(Sabotage(patch.stem, patch, LANGUAGES[language](words.strip())))
        if line.startswith(("--- ", "diff ")):
            break
    if not found:
        raise SystemExit(f"{patch}: no line that names a test before the patch")
    return found


def files_below(root: Path) -> List[Path]:
    """The files of the parts that are copied, relative to the root."""
    found = []
    for part in _PARTS:
        if (root / part).is_file():
            found.append(Path(part))
        for folder, folders, names in os.walk(root / part):
            folders[:] = [name for name in folders if name not in _LEFT_OUT]
            found += [(Path(folder) / name).relative_to(root) for name in names]
    return found


class Tree:
    """A copy of the sources, with folders for what is built of it."""

    def __init__(self, number: int) -> None:
        self.folder = TARGET / str(number)
        self.sources = self.folder / "tree"
        self.refresh()

    def refresh(self) -> None:
        """Makes the copy equal the sources. Equal files keep their times, so little is built."""
        wanted = files_below(ROOT)
        for file in set(files_below(self.sources)) - set(wanted):
            (self.sources / file).unlink()
        for file in wanted:
            source, copy = ROOT / file, self.sources / file
            if not copy.exists() or copy.read_bytes() != source.read_bytes():
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source, copy)
            shutil.copymode(source, copy)

    def target(self, c_abi: bool) -> Path:
        """Where cargo builds. Each set of features has a folder, since the library has one name."""
        target = self.folder / ("c-abi" if c_abi else "rust")
        target.mkdir(exist_ok=True)
        # The tests' Python environment need not be made a second time.
        if not (target / "python").exists():
            (target / "python").symlink_to(Path(sys.prefix))
        return target

    def run(
        self,
        command: List[str],
        seconds: int,
        c_abi: bool = False,
        variables: Optional[Dict[str, str]] = None,
    ) -> Tuple[Optional[int], str]:
        """Runs a command in the copy; returns its exit code (None after `seconds`) and output."""
        environment = dict(os.environ, CARGO_TARGET_DIR=str(self.target(c_abi)))
        environment.update(RUST_BACKTRACE="0", CARGO_INCREMENTAL="1", CARGO_PROFILE_DEV_DEBUG="0")
        for variable in ("CALLGATE_LIBRARY", "LD_LIBRARY_PATH"):
            environment.pop(variable, None)
        environment.update(variables or {})
        # A session of its own, so that the processes which a test has left behind, perhaps stopped,
        # end with it. They may hold its output open, so the output is a file.
        with open(self.folder / "output", "w+b") as output:
            child = subprocess.Popen(
                command,
                cwd=self.sources,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            try:
                code: Optional[int] = child.wait(seconds)
            except subprocess.TimeoutExpired:
                code = None
            try:
                os.killpg(child.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            child.wait()
            output.seek(0)
            return code, output.read().decode("utf-8", "replace")

    def plant(self, sabotage: Sabotage) -> Optional[str]:
        """Applies the patch; returns what is wrong with it, if anything."""
        planted = ["patch", "--quiet", "--strip=1", f"--input={sabotage.patch}"]
        code, output = self.run(planted, 60)
        return None if code == 0 else output

    def try_test(self, test: Test) -> Tuple[str, str]:
        """Builds and runs the test; returns what it does, such as "passes", and the output."""
        target = self.target(test.needs_c_abi)
        variables = test.environment(target)
        for build in test.builds(target):
            code, output = self.run(build, _BUILD_SECONDS, test.needs_c_abi, variables)
            if code != 0:
                return "does not compile", output
        command = test.command(target)
        code, output = self.run(command, _TEST_SECONDS, test.needs_c_abi, variables)
        if code is None:
            return "does not end", output
        if not re.search(test.ran, output):
            return "does not run", output
        return "passes" if code == 0 else "fails", output

    def passes_unharmed(self, test: Test) -> bool:
        verdict, output = self.try_test(test)
        if verdict != "passes":
            say(f"{output}\n{test.group}: {test.name} without sabotage {verdict}")
        return verdict == "passes"

    def is_found(self, sabotage: Sabotage) -> bool:
        begun = time.monotonic()
        verdict, output = "does not apply any more", self.plant(sabotage)
        if output is None:
            verdict, output = self.try_test(sabotage.test)
        self.refresh()
        if verdict == "fails":
            seconds = time.monotonic() - begun
            say(f"{sabotage.name}: found by {sabotage.test.name} in {seconds:.0f} s")
            with open(FOUND, "a", encoding="utf-8") as found:
                found.write(f"{sabotage.label}\n")
            return True
        say(f"{output}\n{sabotage.name}: NOT FOUND: {verdict}: {sabotage.test.name}")
        return False


_saying = threading.Lock()


def say(text: str) -> None:
    with _saying:
        print(text, flush=True)


def play(number: int, groups: "queue.Queue[List[Sabotage]]", found: List[str]) -> None:
    """Plays groups until none is left. In each, the tests must pass before anything is planted."""
    tree = None
    while True:
        try:
            group = groups.get_nowait()
        except queue.Empty:
            return
        tree = tree or Tree(number)
        unharmed: Dict[str, bool] = {}
        for sabotage in group:
            name = sabotage.test.name
            if name not in unharmed:
                unharmed[name] = tree.passes_unharmed(sabotage.test)
        found += [one.label for one in group if unharmed[one.test.name] and tree.is_found(one)]


def sample(sabotages: List[Sabotage], count: int) -> List[Sabotage]:
    """A few quick ones of one build, which the commit chooses: the same if it is tried again."""
    command = ["git", "rev-parse", "HEAD"]
    commit = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=False).stdout.decode()
    chance = random.Random(commit)
    quick = [one for one in sabotages if one.test.is_quick]
    c_abi = chance.choice(quick).test.needs_c_abi
    alike = [one for one in quick if one.test.needs_c_abi == c_abi]
    return chance.sample(alike, min(count, len(alike)))


def choose(options: argparse.Namespace) -> List[Sabotage]:
    patches = [PATCHES / f"{name}.patch" for name in options.names]
    patches = patches or sorted(PATCHES.glob("*.patch"))
    sabotages = [sabotage for patch in patches for sabotage in read(patch)]
    if options.sample:
        sabotages = sample(sabotages, options.sample)
    if options.resume and FOUND.exists():
        found = FOUND.read_text("utf-8").splitlines()
        sabotages = [one for one in sabotages if one.label not in found]
    return sabotages


def main() -> int:
    parser = argparse.ArgumentParser(prog="ci/sabotage")
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--sample", type=int, metavar="COUNT")
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--jobs", type=int, default=2, metavar="COUNT")
    options = parser.parse_args()
    sabotages = choose(options)
    TARGET.mkdir(parents=True, exist_ok=True)
    if not options.resume:
        FOUND.write_text("", "utf-8")
    groups: Dict[str, List[Sabotage]] = {}
    for sabotage in sabotages:
        groups.setdefault(sabotage.test.group, []).append(sabotage)
    waiting: queue.Queue[List[Sabotage]] = queue.Queue()
    for group in sorted(groups.values(), key=len, reverse=True):
        waiting.put(group)
    found: List[str] = []
    jobs = range(max(1, min(options.jobs, len(groups))))
    threads = [
        threading.Thread(target=play, args=(job, waiting, found), daemon=True) for job in jobs
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    missed = [one.label for one in sabotages if one.label not in found]
    for label in missed:
        print(f"FAILED: {label}")
    print(f"{len(found)} sabotages found, {len(missed)} failed")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
