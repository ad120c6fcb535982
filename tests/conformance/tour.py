"""Plays the tour of docs/tour.md: the tool `callgate` with hosts of all languages.

Prints what a terminal would show. Times and rates differ from run to run; with --check the rest
must be as on the page, and --write puts this run's output there.
"""

import argparse
import os
import re
import shlex
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import Dict, Iterator, List, TextIO

from languages import LANGUAGES, LIBRARIES, PROGRAMS, ROOT, build_rust

from examples import BUILDS

PAGE = ROOT / "docs" / "tour.md"
_BEGIN, _END = "<!-- tour: begin -->\n", "<!-- tour: end -->"
_SECONDS = 60

TITLES = {
    "demo": "`callgate demo`",
    "rust": "A host in Rust",
    "c": "A host in C",
    "cpp": "A host in C++",
    "python": "A host in Python",
    "dotnet": "A host in .NET",
}

#: What is asked of every host, whose endpoint is HOST and whose name is NAME. With an `&` a command
#: runs beside the next.
COMMANDS = [
    "callgate list HOST",
    "callgate describe HOST",
    "callgate call HOST ICalculator.Add 1 2",
    "callgate call HOST ICalculator.Add 1 two",
    "callgate call HOST ICalculator.Divide 1 0",
    "callgate ping HOST --count 100 --interval 0 --quiet",
    "callgate bench HOST ICalculator.Add 1 2 --time 1500ms > bench.txt &",
    "callgate watch HOST --once",
    "CALLGATE_TRACE=NAME.pcapng callgate call HOST ICalculator.Divide 84 2",
    "callgate trace show NAME.pcapng",
    "callgate diff calculator.json HOST",
]

#: What is saved of the host in Rust, for `diff`.
_SAVE = "callgate describe HOST --json > calculator.json"

#: What differs from run to run: times, processes, users, sizes, rates and latencies that were not
#: measured.
_MEASURED = [
    (re.compile(r"^ +\d+\.\d{6} ", re.MULTILINE), "# "),
    (re.compile(r"\b(process|user) \d+"), r"\1 #"),
    (re.compile(r"\b\d[\d,.]* (?:ns|µs|ms|s|B|kB|MB|GB)\b"), "#"),
    (re.compile(r"\b\d[\d,.]* (connection|calls/s|one-way/s|in flight|errors/s)s?\b"), r"# \1"),
    (re.compile(r"\b(p\d\d) -"), r"\1 #"),
]


class Host:
    """A program that listens on an endpoint, and prints so."""

    def __init__(self, command: List[str], environment: Dict[str, str], folder: Path) -> None:
        self._process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
        )
        self._watchdog = threading.Timer(_SECONDS * 2, self._process.kill)
        self._watchdog.start()
        assert self._process.stdout
        self.printed = _until_it_listens(self._process.stdout)

    def end(self) -> None:
        """Ends it."""
        self._process.terminate()
        self._process.communicate()
        self._watchdog.cancel()


def _until_it_listens(output: TextIO) -> str:
    printed = ""
    for line in output:
        printed += line
        if line.startswith("listening on "):
            return printed
    raise RuntimeError(f"the host ended, having printed:\n{printed}")


def _play(commands: List[str], endpoint: str, name: str, folder: Path) -> Iterator[str]:
    """What a terminal shows, with a short endpoint in place of the one that no other run uses."""
    environment = {**os.environ, "PATH": f"{LIBRARIES}:{os.environ['PATH']}"}
    beside = []
    for given in commands:
        command = given.replace("NAME", name.rpartition("/")[2])
        yield f"$ {command.replace('HOST', name)}\n"
        words = ["bash", "-c", command.replace("HOST", shlex.quote(endpoint)).rstrip("&")]
        if command.endswith("&"):
            beside.append(subprocess.Popen(words, cwd=folder, env=environment))
            continue
        done = subprocess.run(
            words,
            cwd=folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            timeout=_SECONDS,
        )
        yield done.stdout.replace(endpoint, name)
        if done.returncode:
            yield f"exit code {done.returncode}\n"
    for process in beside:
        process.wait(_SECONDS)


def _section(title: str, text: str) -> str:
    return f"## {title}\n\n```text\n{text}```\n\n"


def demo(folder: Path) -> str:
    """The section of `callgate demo`."""
    endpoint, name = f"pipe://tour-{os.getpid()}", "pipe://tour"
    tool = str(LIBRARIES / "callgate")
    host = Host([tool, "demo", endpoint], dict(os.environ), folder)
    shown = f"$ callgate demo {name} &\n" + host.printed.replace(endpoint, name)
    commands = [*COMMANDS[:5], "callgate call HOST ICalculator.Sum 100", *COMMANDS[5:-1]]
    shown += "".join(_play(commands, endpoint, name, folder))
    host.end()
    return _section(TITLES["demo"], shown)


def language(which: str, folder: Path) -> str:
    """The section of a language, whose host is its example."""
    endpoint, name = f"pipe://tour-{which}-{os.getpid()}", f"pipe://tour-{which}"
    command, _ = BUILDS[which]("calculator")
    environment = {**os.environ, **(LANGUAGES[which].environment or {})}
    host = Host([*command, endpoint], environment, folder)
    commands = [_SAVE, *COMMANDS] if which == "rust" else COMMANDS
    shown = "".join(_play(commands, endpoint, name, folder))
    host.end()
    return _section(TITLES[which], shown)


def _shape(text: str) -> str:
    """A text without what differs from run to run."""
    for pattern, replacement in _MEASURED:
        text = pattern.sub(replacement, text)
    return text


def _written(title: str) -> str:
    """The section of the page with this title."""
    played = PAGE.read_text("utf-8").split(_BEGIN)[1].split(_END)[0]
    found = re.search(rf"^## {re.escape(title)}\n.*?(?=^## |\Z)", played, re.MULTILINE | re.DOTALL)
    return found[0] if found else ""


def _write(sections: Dict[str, str]) -> None:
    page = PAGE.read_text("utf-8")
    before, after = page.split(_BEGIN)[0], page.split(_END)[1]
    PAGE.write_text(before + _BEGIN + "\n" + "".join(sections.values()) + _END + after, "utf-8")


def main() -> int:
    """Plays it, and prints, compares or writes it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare with docs/tour.md")
    parser.add_argument("--write", action="store_true", help="put it into docs/tour.md")
    parser.add_argument("--require-all", action="store_true", help="skipping a language fails")
    parser.add_argument("--languages", default=",".join(LANGUAGES), help="only these")
    asked = parser.parse_args()
    PROGRAMS.mkdir(parents=True, exist_ok=True)
    build_rust()
    sections: Dict[str, str] = {}
    skipped = 0
    with tempfile.TemporaryDirectory(prefix="callgate-tour-") as name:
        folder = Path(name)
        sections[TITLES["demo"]] = demo(folder)
        for which in dict.fromkeys(["rust", *asked.languages.split(",")]):
            if missing := LANGUAGES[which].missing():
                tools = ", ".join(missing)
                print(f"SKIPPED: {TITLES[which]} on the tour: {tools} is not installed")
                skipped += 1
            else:
                sections[TITLES[which]] = language(which, folder)
    wrong = 0
    if asked.write:
        _write(sections)
    for title, played in sections.items():
        if not asked.check:
            print(played, end="")
        elif _shape(played) != _shape(_written(title)):
            print(f"FAILED: docs/tour.md: {title}: not on the page:\n{played}")
            wrong += 1
    if asked.check:
        print(f"{len(sections) - wrong} passed, {wrong} failed")
    return 1 if wrong or (skipped and asked.require_all) else 0


if __name__ == "__main__":
    sys.exit(main())
