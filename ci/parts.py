"""Runs commands side by side, and prints the output of each in one piece when it ends."""

import os
import signal
import subprocess
import tempfile
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, List, Optional, Tuple

ROOT = Path(__file__).resolve().parents[1]


@dataclass
class Part:
    """A command, and what it took."""

    name: str
    command: List[str]
    seconds: float = 0
    #: Of the processors, its children included.
    busy_seconds: float = 0
    #: Of its end, or the number of the signal that ended it; None if it has not ended.
    code: Optional[int] = None


#: Parts that run one after the other, since they use the same files.
Lane = List[Part]


class Parts:
    """Runs parts, and remembers them in the order of their ends."""

    def __init__(self, log: Path) -> None:
        """All output also goes to the end of a file."""
        self.ended: List[Part] = []
        self._log = log
        self._running: Dict[str, Tuple[int, Any]] = {}
        self._lock = threading.Lock()

    def run(self, lanes: List[Lane]) -> None:
        """Runs lanes side by side."""

        def work(lane: Lane) -> None:
            for part in lane:
                self._run(part)

        threads = [threading.Thread(target=work, args=(lane,), daemon=True) for lane in lanes]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def stop(self) -> None:
        """Ends parts that still run, and prints what they have printed."""
        for name, (group, output) in list(self._running.items()):
            with suppress(ProcessLookupError):
                os.killpg(group, signal.SIGKILL)
            self._print(f"unfinished: {name}", output)

    def times(self) -> str:
        """A line for each part: how long it took, and how long it kept a processor busy."""
        return "\n".join(
            f"{part.seconds:.0f} s, {part.busy_seconds:.0f} s busy  {part.name}"
            for part in self.ended
        )

    def _run(self, part: Part) -> None:
        """Runs one, and then prints its output."""
        began = time.monotonic()
        with tempfile.TemporaryFile("w+b") as output:
            process = subprocess.Popen(
                part.command,
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                # A process group, for stop().
                start_new_session=True,
            )
            self._running[part.name] = process.pid, output
            _, status, usage = os.wait4(process.pid, 0)
            part.code = process.returncode = os.WEXITSTATUS(status) or os.WTERMSIG(status)
            part.seconds = time.monotonic() - began
            part.busy_seconds = usage.ru_utime + usage.ru_stime
            with self._lock:
                self.ended.append(part)
                self._print(part.name, output)
                if part.code:
                    self.say(f"FAILED: {part.name} (code {part.code})")
            del self._running[part.name]

    def _print(self, name: str, output: Any) -> None:
        # Without moving the position at which a command that still runs goes on to write.
        written = os.pread(output.fileno(), os.fstat(output.fileno()).st_size, 0)
        text = written.decode("utf-8", "replace")
        self.say(f"== {name} ==\n{text}".rstrip("\n"))

    def say(self, text: str) -> None:
        """Prints and logs a text."""
        print(text, flush=True)
        with self._log.open("a", encoding="utf-8") as log:
            print(text, file=log)
