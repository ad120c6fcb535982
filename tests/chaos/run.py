"""Honest calls amid kills, cuts and hostile peers: README.md beside it explains."""

import argparse
import os
import random
import resource
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any, List

from accounts import Accounts
from events import Events
from languages import LANGUAGES, PROGRAMS, TARGET
from picture import draw
from planted import unfound
from processes import Program
from samples import Samples
from stage import Stage

#: How long the run goes on once nothing bad happens any more; then everybody must be well.
_CALM_SECONDS = 6

#: Seconds after which a client that has recorded nothing is taken to hang.
_SILENCE_SECONDS = 60


def options() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("seconds", type=float, nargs="?", default=15)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    parser.add_argument("--languages", default="rust,c,python,dotnet", help="only these")
    parser.add_argument("--pause-ms", type=int, default=50, help="between the steps of a lane")
    parser.add_argument("--event-seconds", type=float, default=1, help="between events, on average")
    parser.add_argument("--require-all", action="store_true", help="skipping a language fails")
    return parser.parse_args()


def built(names: List[str], folder: Path) -> List[Program]:
    """The programs of the languages that are there."""
    PROGRAMS.mkdir(parents=True, exist_ok=True)
    programs = []
    for name in names:
        missing = LANGUAGES[name].missing()
        if missing:
            print(f"SKIPPED: chaos of {name}: {', '.join(missing)} is not installed")
        else:
            programs.append(Program(name, LANGUAGES[name].build("chaos"), folder))
    return programs


class Run:
    """A run: its stage, what happens on it, and what is sampled."""

    def __init__(self, asked: argparse.Namespace, folder: Path, programs: List[Program]) -> None:
        self._asked = asked
        self.folder = folder
        dice = random.Random(asked.seed)
        self.stage = Stage(folder, dice, asked.pause_ms)
        self.stage.set_up(programs)
        started = time.monotonic()
        self._end = started + asked.seconds
        self.events = Events(self.stage, random.Random(dice.random()), started)
        self.samples = Samples(self.stage, started)
        self._pace = random.Random(dice.random())
        self._hostile = attackers(self.stage, asked.seed, folder)
        self.hostile_connections = 0

    def play(self) -> None:
        """Plays until the end, and then lets everybody end well."""
        sampling = Repeated(1, self._sample)
        try:
            while time.monotonic() < self._end:
                sampling.check()
                time.sleep(self._pace.expovariate(1 / self._asked.event_seconds))
                self.events.one()
            self.hostile_connections = int(self._hostile.communicate()[0] or 0)
            if self._hostile.returncode:
                raise AssertionError("hostile peers saw a host break the protocol: hostile.err")
            self.events.calm_down()
            time.sleep(_CALM_SECONDS)
            sampling.stop()
            sampling.check()
            self.stage.end()
        finally:
            sampling.stop()
            self._hostile.kill()
            self.stage.kill()

    def _sample(self) -> None:
        self.samples.take()
        silent = self.samples.silent(_SILENCE_SECONDS)
        if silent:
            raise AssertionError(f"clients that hang: {', '.join(silent)}")


def attackers(stage: Stage, seed: int, folder: Path) -> "subprocess.Popen[str]":
    """Starts hostile peers of all hosts."""
    endpoints = [host.endpoints[1] for host in (*stage.steady, *stage.victims)]
    with (folder / "hostile.err").open("w") as errors:
        return subprocess.Popen(
            [*LANGUAGES["rust"].build("chaos"), "hostile", str(seed), *endpoints],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )


class Repeated:
    """Does something each second, on a thread, until it fails."""

    def __init__(self, seconds: float, work: Any) -> None:
        self._stopped = threading.Event()
        self._failure: List[BaseException] = []

        def repeat() -> None:
            try:
                while not self._stopped.wait(seconds):
                    work()
            except BaseException as failure:
                self._failure.append(failure)

        self._thread = threading.Thread(target=repeat)
        self._thread.start()

    def check(self) -> None:
        """Raises the failure, if there is one."""
        if self._failure:
            raise self._failure[0]

    def stop(self) -> None:
        """Ends it."""
        self._stopped.set()
        self._thread.join()


def report(run: Run, accounts: Accounts, seconds: float) -> List[str]:
    """Prints what was done and found, and draws it; returns what is wrong."""
    counts = {**run.events.counts(), "hostile connections": run.hostile_connections}
    print(f"{accounts.calls} calls in {seconds:.0f} s: {dict(accounts.counts)}")
    print(f"what happened: {counts}")
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(f"processors used: {(used.ru_utime + used.ru_stime) / seconds:.2f}")
    run.samples.save(run.folder / "samples.json", run.events.log)
    happened = sum(run.events.counts().values())
    title = f"{accounts.calls} calls, {happened} events, {run.hostile_connections} hostile peers"
    draw(run.folder / "chaos.svg", title, run.samples, run.events.log)
    print(f"the picture: {run.folder / 'chaos.svg'}")
    return [*accounts.violations, *run.samples.growing()]


def main() -> int:
    """Runs, and checks the accounts."""
    asked = options()
    if unfound():
        raise AssertionError(f"the accounts are wrong about: {', '.join(unfound())}")
    # Short, since sockets are in it; what a run leaves there is kept until the next one.
    folder = TARGET / "chaos"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    names = asked.languages.split(",")
    programs = built(names, folder)
    print(f"seed {asked.seed}, languages {', '.join(program.language for program in programs)}")
    began = time.monotonic()
    run = Run(asked, folder, programs)
    run.play()
    wrong = report(run, Accounts(folder), time.monotonic() - began)
    for each in wrong:
        print(f"FAILED: {each}")
    skipped = asked.require_all and len(programs) < len(names)
    print(f"chaos: {int(not wrong)} passed, {int(bool(wrong))} failed")
    return 1 if wrong or skipped else 0


if __name__ == "__main__":
    os.umask(0o077)
    sys.exit(main())
