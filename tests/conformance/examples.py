"""Plays the examples of every language against one another: each host with each client.

The languages have the same two examples: the calculator, and the duplex one, which reports its
progress to a callback. Over a pipe and over TCP, every client prints the same, whatever the
language of its host.
"""

import argparse
import os
import re
import subprocess
import sys
import threading
from typing import Callable, Dict, List, Tuple

from languages import LANGUAGES, LIBRARIES, PROGRAMS, ROOT, TARGET, build_rust, dotnet_build, run

#: What a client prints. Each language has its own message for an argument that does not fit.
SAID = {
    "calculator": r"Add: 3\n"
    r"Divide: 42\n"
    r"Divide: remote error DivideByZero: cannot divide by zero\n"
    r"Add: contract mismatch: .+\n"
    r"Subtract: contract mismatch: interface 'ICalculator' has no method 'Subtract'\n",
    "duplex": "".join(rf"progress: {n}%\n" for n in (25, 50, 75, 100)) + r"Sum: 5050\n",
}

#: What a host prints after each client.
LOGGED = {"calculator": "log: the client says goodbye\n", "duplex": ""}

_SECONDS = 60

#: The commands of an example's host and client, to which endpoints are added.
Commands = Tuple[List[str], List[str]]


def _rust(example: str) -> Commands:
    programs = [f"{example}_host", f"{example}_client"]
    host, client = ([str(LIBRARIES / "examples" / name)] for name in programs)
    return host, client


def _compiled(compiler: List[str], folder: str, ending: str) -> Callable[[str], Commands]:
    def build(example: str) -> Commands:
        library = ["-L", LIBRARIES, "-lcallgate", f"-Wl,-rpath,{LIBRARIES}", "-lpthread"]
        commands = []
        for name in (f"{example}_host", f"{example}_client"):
            program = PROGRAMS / f"{name}-{ending}"
            source = ROOT / folder / f"{name}.{ending}"
            run(*compiler, "-I", "include", source, "-o", program, *library)
            commands.append([str(program)])
        return commands[0], commands[1]

    return build


def _python(example: str) -> Commands:
    folder = ROOT / "bindings" / "python" / "examples"
    host, client = (
        [sys.executable, str(folder / f"{example}_{role}.py")] for role in ("host", "client")
    )
    return host, client


def _dotnet(example: str) -> Commands:
    dotnet = dotnet_build(ROOT / "bindings" / "dotnet" / "examples" / example)
    built = TARGET / "dotnet" / "bin" / example / "Debug" / "netcoreapp3.1" / f"{example}.dll"
    return [dotnet, str(built), "host"], [dotnet, str(built), "client"]


BUILDS: Dict[str, Callable[[str], Commands]] = {
    "rust": _rust,
    "c": _compiled(["cc", "-std=c99"], "examples-c", "c"),
    "cpp": _compiled(
        ["c++", "-std=c++17", "-DMSGPACK_NO_BOOST", "-I", "bindings/cpp"],
        "bindings/cpp/examples",
        "cpp",
    ),
    "python": _python,
    "dotnet": _dotnet,
}


def _environment(language: str) -> Dict[str, str]:
    return {**os.environ, **(LANGUAGES[language].environment or {})}


class Host:
    """A running example host."""

    def __init__(self, language: str, example: str, command: List[str]) -> None:
        pipe = f"pipe://examples-{example}-{language}-{os.getpid()}"
        self._process = subprocess.Popen(
            [*command, pipe, "tcp://127.0.0.1:0"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=_environment(language),
            text=True,
            encoding="utf-8",
        )
        self._watchdog = threading.Timer(_SECONDS, self._process.kill)
        self._watchdog.start()
        lines = [self._process.stdout.readline() for _ in range(2)]
        self.endpoints = [line.strip().replace("listening on ", "") for line in lines]

    def end(self) -> str:
        """Ends it, and returns its output since it was ready, or what is wrong."""
        said, _ = self._process.communicate()
        self._watchdog.cancel()
        return said if self._process.returncode == 0 else f"code {self._process.returncode}"


def _client(language: str, command: List[str], endpoint: str) -> str:
    """What a client prints, and its exit code if that is not 0."""
    played = subprocess.run(
        [*command, endpoint],
        stdout=subprocess.PIPE,
        env=_environment(language),
        encoding="utf-8",
        timeout=_SECONDS,
    )
    return played.stdout + (f"code {played.returncode}" if played.returncode else "")


def play(example: str, programs: Dict[str, Commands]) -> Tuple[int, List[str]]:
    """Plays all hosts of an example with all its clients; returns how often, and what failed."""
    count, failures = 0, []
    for host_language, (host_command, _) in programs.items():
        host = Host(host_language, example, host_command)
        for client_language, (_, client_command) in programs.items():
            for endpoint in host.endpoints:
                count += 1
                said = _client(client_language, client_command, endpoint)
                if not re.fullmatch(SAID[example], said):
                    who = f"{example}: {host_language} host, {client_language} client"
                    failures.append(f"{who}, {endpoint}: it printed:\n{said}")
        count += 1
        logged = host.end()
        if not re.fullmatch(f"({LOGGED[example]}){{{len(programs) * 2}}}", logged):
            failures.append(f"{example}: {host_language} host: at the end it printed:\n{logged}")
    return count, failures


def main() -> int:
    """Plays them all."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--require-all", action="store_true", help="skipping a language fails")
    parser.add_argument("--languages", default=",".join(LANGUAGES), help="only these")
    asked = parser.parse_args()
    PROGRAMS.mkdir(parents=True, exist_ok=True)
    build_rust()
    there, skipped = [], 0
    for language in asked.languages.split(","):
        if missing := LANGUAGES[language].missing():
            print(f"SKIPPED: examples in {language}: {', '.join(missing)} is not installed")
            skipped += 1
        else:
            there.append(language)
    count, failures = 0, []
    for example in SAID:
        programs = {language: BUILDS[language](example) for language in there}
        played, failed = play(example, programs)
        count, failures = count + played, failures + failed
    for failure in failures:
        print(f"FAILED: {failure}")
    print(f"examples of {', '.join(there)}; {skipped} skipped")
    print(f"{count - len(failures)} passed, {len(failures)} failed")
    return 1 if failures or not count or (skipped and asked.require_all) else 0


if __name__ == "__main__":
    sys.exit(main())
