"""Replays what a client of one language did to the hosts of all languages.

`callgate proxy` records while the client plays the scenarios with a host of its own language, and
`callgate trace replay` makes the same calls again and compares the replies.
"""

import os
import subprocess
import tempfile
from pathlib import Path
from typing import Any, Callable, Dict, List

from languages import LIBRARIES

#: The time limit of the proxy's start and end, and of one replay.
_SECONDS = 120

#: The steps whose calls do not depend on the time, and end on the connection that they began on.
_STEPS = {"call", "value", "one-way-order", "later", "large", "gather", "meet"}


def replayable(told: List[Dict[str, Any]]) -> List[Dict[str, Any]]:
    """The scenarios that can be replayed: all that is compared is the same with each host.

    Where a scenario has a contract mismatch but no execution, the hosts are free to choose it.
    """
    return [scenario for scenario in told if scenario["steps"] in _STEPS and _is_settled(scenario)]


def _is_settled(scenario: Dict[str, Any]) -> bool:
    return scenario.get("status") != "contract mismatch" or "execution" in scenario


def record_and_replay(endpoints: Dict[str, str], play: Callable[[str], None]) -> List[str]:
    """Records what `play` does with the first host, and replays it. Returns what differs."""
    tool = LIBRARIES / "callgate"
    with tempfile.TemporaryDirectory(prefix="callgate-conformance-") as folder:
        trace = Path(folder) / "trace.pcapng"
        _record(tool, next(iter(endpoints.values())), trace, play)
        return _replay_all(tool, trace, endpoints)


def _record(tool: Path, endpoint: str, trace: Path, play: Callable[[str], None]) -> None:
    """Lets a client play with a proxy in front of the endpoint, which records."""
    tapped = f"pipe://conformance-tapped-{os.getpid()}"
    command = [tool, "proxy", tapped, endpoint, "--trace", trace, "--payloads"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as proxy:
        try:
            first = proxy.stderr.readline()
            if not first.startswith("listening"):
                raise RuntimeError(f"the proxy does not listen, but says {first}")
            play(tapped)
            proxy.terminate()
            proxy.wait(_SECONDS)
        finally:
            proxy.kill()


def _replay_all(tool: Path, trace: Path, endpoints: Dict[str, str]) -> List[str]:
    """Replays the trace against each language's host, and returns what differs."""
    failures = []
    for language, endpoint in endpoints.items():
        command = [tool, "trace", "replay", trace, endpoint, "--timeout", "20s"]
        played = subprocess.run(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            timeout=_SECONDS,
        )
        if played.returncode:
            failures.append(f"replayed against the {language} host:\n{played.stdout}")
        else:
            print(f"replayed against the {language} host: {played.stdout.strip()}")
    return failures
