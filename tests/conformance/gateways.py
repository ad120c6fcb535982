"""Two gateways and a NATS server between a host and its clients."""

import json
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import IO, Callable, List, Optional, Type

from languages import LIBRARIES

_SECONDS = 60


def missing() -> List[str]:
    """What they need and is not installed."""
    return [] if shutil.which("nats-server") else ["nats-server"]


class Gateways:
    """A NATS server, and gateways by which hosts are reached through it."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="callgate-gateways-")
        self._processes: List[subprocess.Popen[str]] = []
        self._log = (Path(self._folder.name) / "log").open("w+", encoding="utf-8")
        self._server = self._start_server()

    def __enter__(self) -> "Gateways":
        return self

    def __exit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        trace: Optional[TracebackType],
    ) -> None:
        for process in reversed(self._processes):
            process.terminate()
        for process in self._processes:
            process.wait(_SECONDS)
        self._log.close()
        self._folder.cleanup()

    def _start_server(self) -> str:
        folder = Path(self._folder.name)
        words = ["nats-server", "-a", "127.0.0.1", "-p", "-1", "--ports_file_dir", str(folder)]
        server = self._start(words, self._log)
        _wait_until(lambda: any(folder.glob("*.ports")), server)
        (ports,) = folder.glob("*.ports")
        url: str = json.loads(ports.read_text("utf-8"))["nats"][0]
        return url

    def _start(self, words: List[str], errors: IO[str]) -> "subprocess.Popen[str]":
        process = subprocess.Popen(words, stdout=errors, stderr=errors, text=True)
        self._processes.append(process)
        return process

    def reach(self, name: str, endpoint: str) -> str:
        """Offers the host at an endpoint as a service, and returns where clients find it."""
        service, local = f"{self._server}/{name}", f"pipe://gateway-{name}-{os.getpid()}"
        self._run_gateway("offering ", "offer", service, endpoint)
        self._run_gateway("listening on ", "connect", service, local)
        return local

    def _run_gateway(self, ready: str, *words: str) -> None:
        log = Path(self._folder.name) / f"{len(self._processes)}.log"
        with log.open("w", encoding="utf-8") as output:
            gateway = self._start([str(LIBRARIES / "callgate-gateway"), *words], output)
        _wait_until(lambda: ready in log.read_text("utf-8"), gateway)


def _wait_until(condition: Callable[[], bool], process: "subprocess.Popen[str]") -> None:
    deadline = time.monotonic() + _SECONDS
    while not condition():
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"{process.args} is not ready")
        time.sleep(0.01)
