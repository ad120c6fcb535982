"""Programs that run for a while."""

import re
import subprocess
import threading
from contextlib import contextmanager
from typing import Iterator, Tuple

PATIENCE = 20  # seconds until a program is ready


class FailedError(Exception):
    """A run without figures, and the reason."""


@contextmanager
def running(*command: str, says: str) -> Iterator[Tuple[int, str]]:
    """Runs a program. Begins once it has printed a line with a match of `says`; gives the program's
    pid and what the pattern's group has matched."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        yield process.pid, _wait_until(process, command[0], says)
    finally:
        end(process)


def _wait_until(process: "subprocess.Popen[str]", name: str, says: str) -> str:
    watchdog = threading.Timer(PATIENCE, process.kill)
    watchdog.start()
    assert process.stdout
    try:
        said = ""
        for said in process.stdout:
            if found := re.search(says, said):
                return found.group(1)
        raise FailedError(f"{name} did not start: {said.strip()}")
    finally:
        watchdog.cancel()


def end(process: "subprocess.Popen[str]") -> None:
    """Ends a program; kills it if that takes long."""
    process.terminate()
    try:
        process.wait(2)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout:
        process.stdout.close()
