"""Plants patches that take protections out of a copy of the sources; ci/sabotage explains them."""

import os
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import List, Optional, Tuple

ROOT = Path(__file__).resolve().parents[1]
PATCHES = ROOT / "tests" / "sabotage"
TARGET = Path(os.environ.get("CARGO_TARGET_DIR") or ROOT / "target").resolve() / "sabotage"
COPY = TARGET / "tree"

#: What the tests need of the repository.
_PARTS = (
    *("Cargo.toml", "Cargo.lock", "build.rs", "cbindgen.toml", "README.md", "PROTOCOL.md"),
    *("src", "macros", "include", "benches", "tests", "examples", "examples-c", "docs", "ci"),
    "bindings",
)
_LEFT_OUT = {"target", "__pycache__", "obj", "bin", "node_modules", "peers", ".pytest_cache"}

_BUILD_SECONDS = 1200
_TEST_SECONDS = 300


@dataclass
class Sabotage:
    """A patch, and the test that must fail with it."""

    name: str
    patch: Path
    runner: str
    arguments: List[str]

    @property
    def test(self) -> str:
        return self.arguments[-1]


def read(patch: Path) -> Sabotage:
    for line in patch.read_text("utf-8").splitlines():
        runner, _, rest = line.partition(":")
        if runner in ("test", "pytest") and rest.strip():
            return Sabotage(patch.stem, patch, runner, rest.split())
        if line.startswith(("--- ", "diff ")):
            break
    raise SystemExit(f"{patch}: no line 'test: …' or 'pytest: …' before the patch")


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


def refresh_copy() -> None:
    """Makes the copy equal the sources. Equal files keep their times, so cargo builds little."""
    wanted = files_below(ROOT)
    for file in set(files_below(COPY)) - set(wanted):
        (COPY / file).unlink()
    for file in wanted:
        source, copy = ROOT / file, COPY / file
        if not copy.exists() or copy.read_bytes() != source.read_bytes():
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, copy)
        shutil.copymode(source, copy)


def run(command: List[str], seconds: int) -> Tuple[Optional[int], str]:
    """Runs a command in the copy; returns its exit code (None if it took too long) and output."""
    environment = dict(os.environ, CARGO_TARGET_DIR=str(TARGET), RUST_BACKTRACE="0")
    for variable in ("CALLGATE_LIBRARY", "LD_LIBRARY_PATH"):
        environment.pop(variable, None)
    # A session of its own, so that the processes which a test has left behind, perhaps stopped, end
    # with it. They may hold its output open, so the output is a file.
    with open(TARGET / "output", "w+b") as output:
        child = subprocess.Popen(
            command,
            cwd=COPY,
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


def build(sabotage: Sabotage) -> Optional[str]:
    """Builds what the test needs; returns the compiler's output if that fails."""
    command = ["cargo", "build", "--quiet"]
    if sabotage.runner == "test":
        command = ["cargo", "test", "--quiet", *sabotage.arguments[:-1], "--no-run"]
    code, output = run(command, _BUILD_SECONDS)
    return None if code == 0 else output


def play(sabotage: Sabotage) -> Tuple[str, str]:
    """Runs the test: "passes", "fails", "does not run" or "does not end", and its output."""
    if sabotage.runner == "test":
        command = ["cargo", "test", "--quiet", *sabotage.arguments[:-1], "--"]
        command += ["--exact", sabotage.test]
        ran = "\nrunning 1 test\n"
    else:
        command = [sys.executable, "-m", "pytest", "-q", "-rA", "-p", "no:cacheprovider"]
        command += [f"bindings/python/tests/{argument}" for argument in sabotage.arguments]
        ran = sabotage.test
    code, output = run(command, _TEST_SECONDS)
    if code is None:
        return "does not end", output
    if ran not in output:
        return "does not run", output
    return "passes" if code == 0 else "fails", output


def passes_unharmed(sabotage: Sabotage) -> bool:
    broken = build(sabotage)
    verdict, output = ("does not compile", broken) if broken else play(sabotage)
    if verdict != "passes":
        print(f"{output}\n{' '.join(sabotage.arguments)}: without sabotage, {verdict}", flush=True)
    return verdict == "passes"


def is_found(sabotage: Sabotage) -> bool:
    planted = ["patch", "--quiet", "--strip=1", f"--input={sabotage.patch}"]
    code, output = run(planted, 60)
    if code != 0:
        print(f"{output}\n{sabotage.name}: does not apply any more", flush=True)
        refresh_copy()
        return False
    broken = build(sabotage)
    verdict, output = ("does not compile", broken) if broken else play(sabotage)
    refresh_copy()
    if verdict == "fails":
        print(f"{sabotage.name}: found by {sabotage.test}", flush=True)
        return True
    print(f"{output}\n{sabotage.name}: NOT FOUND: {sabotage.test} {verdict}", flush=True)
    return False


def main(names: List[str]) -> int:
    patches = [PATCHES / f"{name}.patch" for name in names] or sorted(PATCHES.glob("*.patch"))
    sabotages = [read(patch) for patch in patches]
    refresh_copy()
    # The tests' Python environment need not be made a second time.
    environment = TARGET / "python"
    if not environment.exists():
        environment.symlink_to(Path(sys.prefix))
    unharmed = {}
    for sabotage in sabotages:
        key = " ".join(sabotage.arguments)
        if key not in unharmed:
            unharmed[key] = passes_unharmed(sabotage)
    found = [unharmed[" ".join(one.arguments)] and is_found(one) for one in sabotages]
    print(f"{sum(found)} of {len(found)} sabotages found")
    return 0 if all(found) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
