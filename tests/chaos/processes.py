"""The processes of a run: hosts and clients, each with a record that survives it."""

import os
import signal
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Dict, List

from languages import LANGUAGES

#: How long a process may take to start, or to end.
_PATIENCE = 120


@dataclass
class Program:
    """A language's program, built, and the folder for what its processes leave behind."""

    language: str
    command: List[str]
    folder: Path

    def start(self, role: str, name: str, *arguments: Any) -> "subprocess.Popen[str]":
        """Runs it in a role. Its errors go to a file of that name."""
        environment = {**os.environ, **(LANGUAGES[self.language].environment or {})}
        record = self.folder / f"{name}.{role}"
        with (self.folder / f"{name}.err").open("a") as errors:
            return subprocess.Popen(
                [*self.command, role, str(record), *map(str, arguments)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                env=environment,
                text=True,
            )


@dataclass
class Running:
    """A process that may be killed, ended, and started again."""

    program: Program
    name: str
    process: Any = None

    @property
    def id(self) -> int:
        """The id of its process."""
        return self.process.pid

    def kill(self) -> None:
        """Kills it without a chance to clean up."""
        self.process.kill()
        self.process.communicate()

    def end(self) -> None:
        """Lets it close and end, which must succeed."""
        self.process.communicate(timeout=_PATIENCE)
        if self.process.returncode:
            raise AssertionError(f"{self.name} has ended with code {self.process.returncode}")

    def check(self) -> None:
        """Raises an error if it has ended."""
        if self.process.poll() is not None:
            raise AssertionError(f"{self.name} has ended with code {self.process.returncode}")

    def signal(self, number: signal.Signals) -> None:
        """Sends it a signal."""
        self.process.send_signal(number)


@dataclass
class Host(Running):
    """A host. Each process of it has a record of its own."""

    endpoints: List[str] = field(default_factory=list)
    starts: int = 0

    def start(self) -> None:
        """Starts it, and waits until it listens."""
        self.starts += 1
        name = f"{self.name}-{self.starts}"
        self.process = self.program.start("host", name, *self.endpoints)
        ready = self.process.stdout.readline().split()
        if ready[:1] != ["ready"]:
            raise AssertionError(f"{name} is not ready, but says {ready}")
        # With the ports that the system chose, which the next process takes too.
        self.endpoints = ready[1:]


@dataclass
class Client(Running):
    """A client, with the number that is in the ids of its calls."""

    number: int = 0
    endpoint: str = ""
    seed: int = 0
    pause_ms: int = 0

    def start(self) -> None:
        """Starts it."""
        self.record.touch()
        numbers = (self.number, self.seed, self.pause_ms)
        self.process = self.program.start("client", self.record_name, self.endpoint, *numbers)

    @property
    def record_name(self) -> str:
        """The name of its record, which ends in its number."""
        return f"{self.name}-{self.number}"

    @property
    def record(self) -> Path:
        """Its record."""
        return self.program.folder / f"{self.record_name}.client"


def usage(process: int) -> Dict[str, int]:
    """The memory of a process in bytes, its descriptors and its threads."""
    folder = Path("/proc", str(process))
    pages = int((folder / "statm").read_text().split()[1])
    return {
        "memory": pages * os.sysconf("SC_PAGE_SIZE"),
        "descriptors": len(list((folder / "fd").iterdir())),
        "threads": len(list((folder / "task").iterdir())),
    }
