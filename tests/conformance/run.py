"""Plays every language's host against every language's client: README.md beside it explains."""

import argparse
import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, List, Optional, Tuple

import gateways
from gateways import Gateways
from languages import LANGUAGES, PROGRAMS, build_rust
from replays import record_and_replay, replayable
from scenarios import line, scenarios
from windows import ON_WINDOWS

#: The time limits of a client's whole run, and of a host's start and of its end.
_CLIENT_SECONDS = 120
_HOST_SECONDS = 60

#: A pair of keys that everybody has: tests/keys/README.md. Each side trusts the other by it.
_KEYS = Path(__file__).resolve().parents[1] / "keys"
_KEY = "sha256:27a0224bcca58ad93973090ee3e0865291ab6f7340c7a9514fb967d2e6e6b022"
_TLS = f"tls://127.0.0.1:0?certificate={_KEYS}/test.pem&key={_KEYS}/test.key&trust={_KEY}"

_ALL_LANGUAGES = {**LANGUAGES, **ON_WINDOWS}


@dataclass(frozen=True)
class Program:
    """A language's program, built."""

    language: str
    command: List[str]

    @property
    def is_on_windows(self) -> bool:
        """Whether it runs under wine."""
        return _ALL_LANGUAGES[self.language].is_on_windows

    def start(self, role: str, *endpoints: str) -> "subprocess.Popen[str]":
        """Runs it in a role."""
        environment = {**os.environ, **(_ALL_LANGUAGES[self.language].environment or {})}
        return subprocess.Popen(
            [*self.command, role, *endpoints],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            text=True,
            encoding="utf-8",
            errors="backslashreplace",
        )


class Host:
    """A running host, with the endpoints it listens on."""

    def __init__(self, program: Program, between: Optional[Gateways]) -> None:
        self.language = program.language
        self.is_on_windows = program.is_on_windows
        name = f"pipe://conformance-{program.language}-{os.getpid()}"
        transports = {"pipe": name, "tcp": "tcp://127.0.0.1:0"}
        if not program.is_on_windows:
            transports["tls"] = _TLS
        self._process = program.start("host", *transports.values())
        watchdog = threading.Timer(_HOST_SECONDS, self._process.kill)
        watchdog.start()
        ready = self._process.stdout.readline().split()
        watchdog.cancel()
        if len(ready) != 1 + len(transports) or ready[0] != "ready":
            self._process.kill()
            raise RuntimeError(f"the {program.language} host is not ready, but says {ready}")
        self.endpoints = dict(zip(transports, ready[1:]))
        if between:
            found = between.reach(f"conformance-{program.language}", self.endpoints["pipe"])
            self.endpoints["gateways"] = found

    def close(self) -> int:
        """Ends it, and returns its exit code."""
        try:
            self._process.communicate(timeout=_HOST_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()
        return self._process.returncode


def play(host: Host, client: Program, transport: str, told: List[Dict[str, Any]]) -> List[str]:
    """Lets a client play the scenarios, and returns what failed."""
    where = f"{host.language} host, {client.language} client, {transport}"
    return play_at(host.endpoints[transport], client, where, told)


def play_at(endpoint: str, client: Program, where: str, told: List[Dict[str, Any]]) -> List[str]:
    """Lets a client play the scenarios with the host at an endpoint, and returns what failed."""
    process = client.start("client", endpoint)
    words = "".join(f"{line(scenario)}\n" for scenario in told)
    end = "ended"
    try:
        output, _ = process.communicate(words, timeout=_CLIENT_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        output, _ = process.communicate()
        end = f"had not ended after {_CLIENT_SECONDS} s"
    heard = dict(map(_outcome, output.splitlines()))
    silence = f"no word; the client {end}, code {process.returncode}"
    why = {name: heard.get(name, silence) for name in (scenario["name"] for scenario in told)}
    return [f"{where}: {name}: {reason}" for name, reason in why.items() if reason]


def _outcome(words: str) -> Tuple[str, str]:
    """A client's report: a scenario's name, and why it failed, or nothing."""
    if words.startswith("ok "):
        return words[3:], ""
    name, _, why = words[len("failed ") :].partition(": ")
    return name, why or "failed without a reason"


def built(names: List[str]) -> Tuple[List[Program], int]:
    """The programs of the languages, and the number of languages skipped."""
    PROGRAMS.mkdir(parents=True, exist_ok=True)
    build_rust()
    programs = []
    for name in names:
        missing = _ALL_LANGUAGES[name].missing()
        if missing:
            print(f"SKIPPED: conformance of {name}: {', '.join(missing)} is not installed")
        else:
            programs.append(Program(name, _ALL_LANGUAGES[name].build("conformance")))
    return programs, len(names) - len(programs)


def is_played(host: Host, client: Program, transport: str, with_windows: bool) -> bool:
    """Whether a client plays with a host: pipes do not lead from one system to the other.

    With Windows in the matrix, pairs without it are left out, since they are a matrix of their own.
    """
    if host.is_on_windows != client.is_on_windows:
        return transport == "tcp"
    return host.is_on_windows or not with_windows


def play_all(
    programs: List[Program], told: List[Dict[str, Any]], between: Optional[Gateways]
) -> Tuple[int, List[str], bool]:
    """Plays hosts against clients, also through gateways if there are any.

    Returns how often one played with another, what failed, and whether all hosts ended.
    """
    hosts = [Host(program, between) for program in programs]
    with_windows = any(host.is_on_windows for host in hosts)
    pairs = [
        (host, client, transport)
        for host in hosts
        for client in programs
        for transport in host.endpoints
        if is_played(host, client, transport, with_windows)
    ]
    # A play waits about as long as it computes, except under wine.
    workers_per_processor = 1 if with_windows else 2
    with ThreadPoolExecutor(workers_per_processor * (os.cpu_count() or 1)) as workers:
        plays = workers.map(lambda pair: play(*pair, told), pairs)
        failures = [failure for failed in plays for failure in failed]
    failures += replay_all(hosts, programs[0], told)
    codes = {host.language: host.close() for host in hosts}
    for language, code in codes.items():
        if code:
            print(f"FAILED: {language} host: it ended with code {code}")
    return len(pairs), failures, not any(codes.values())


def replay_all(hosts: List[Host], client: Program, told: List[Dict[str, Any]]) -> List[str]:
    """Replays what a client did to the host of its own language with the hosts of all languages."""
    transport = "tcp" if any(host.is_on_windows for host in hosts) else "pipe"
    endpoints = {host.language: host.endpoints[transport] for host in hosts}
    failed: List[str] = []

    def play_recorded(tapped: str) -> None:
        failed.extend(play_at(tapped, client, "through a proxy", replayable(told)))

    differences = record_and_replay(endpoints, play_recorded)
    return failed + differences


def options() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--require-all", action="store_true", help="skipping a language fails")
    parser.add_argument("--languages", default=",".join(LANGUAGES), help="only these")
    parser.add_argument("--scenarios", default="", help="only these")
    parser.add_argument(
        "--windows",
        action="store_true",
        help="all pairs with a program under wine",
    )
    return parser.parse_args()


def main() -> int:
    """Runs the matrix."""
    asked = options()
    began = time.monotonic()
    only = set(filter(None, asked.scenarios.split(",")))
    told = [scenario for scenario in scenarios() if not only or scenario["name"] in only]
    names = asked.languages.split(",") + (list(ON_WINDOWS) if asked.windows else [])
    programs, skipped = built(names)
    if asked.windows:
        plays, failures, ended_well = play_all(programs, told, None)
    elif missing := gateways.missing():
        print(f"SKIPPED: conformance through gateways: {', '.join(missing)} is not installed")
        skipped += 1
        plays, failures, ended_well = play_all(programs, told, None)
    else:
        with Gateways() as between:
            plays, failures, ended_well = play_all(programs, told, between)
    for failure in failures:
        print(f"FAILED: {failure}")
    count = len(programs)
    # A replay counts as one.
    executed = plays * len(told) + count
    shown = ", ".join(program.language for program in programs)
    print(f"languages: {shown}; {skipped} skipped; {time.monotonic() - began:.0f} s")
    print(f"executed = {plays} plays × {len(told)} scenarios + {count} replays = {executed}")
    print(f"{executed - len(failures)} passed, {len(failures)} failed")
    incomplete = not executed or (skipped and asked.require_all)
    return 1 if failures or incomplete or not ended_well else 0


if __name__ == "__main__":
    sys.exit(main())
