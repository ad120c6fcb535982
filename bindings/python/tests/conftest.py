"""Shared by the tests: the library, a watchdog, endpoints, hosts, and other programs."""

import faulthandler
import itertools
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1]
CHECKOUT = PACKAGE.parents[1]
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", CHECKOUT / "target"))

# The time after which a test counts as hanging: its stacks are printed, and the run ends.
WATCHDOG_SECONDS = 120

sys.path.insert(0, str(PACKAGE))
# The library from `cargo build`, not a release build, which may be older.
os.environ.setdefault("CALLGATE_LIBRARY", str((TARGET / "debug" / "libcallgate.so").resolve()))
os.environ["PYTHONPATH"] = str(PACKAGE)

try:
    import callgate
except ImportError as error:
    pytest.exit(f"the tests need Callgate's library; run 'cargo build' first.\n{error}", 1)

REDGATE_HOST = [sys.executable, PACKAGE / "tests" / "redgate_host.py"]
QUICK = callgate.Limits(
    reconnect_backoff_min=0.005, reconnect_backoff_max=0.05, connection_timeout=WATCHDOG_SECONDS
)

_numbers = itertools.count()


# A shell that starts the tests in the background lets them ignore Ctrl-C, which some of them send.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser):
    parser.addoption("--exits", type=int, default=50, help="how often a busy program ends [50]")


def pytest_configure(config):
    # Before pytest redirects it.
    config.watchdog_output = os.fdopen(os.dup(2), "w")


@pytest.fixture(autouse=True)
def watchdog(request):
    output = request.config.watchdog_output
    faulthandler.dump_traceback_later(WATCHDOG_SECONDS, exit=True, file=output)
    yield
    faulthandler.cancel_dump_traceback_later()


@pytest.fixture
def patient_watchdog(request, watchdog):
    """For a test that takes long without hanging, and has its own watchdogs."""
    faulthandler.cancel_dump_traceback_later()


@pytest.fixture
def pipe():
    """An endpoint that no other test uses."""
    return f"pipe://callgate-python-{os.getpid()}-{next(_numbers)}"


class Serving:
    """Serves objects in this process, and connects to them."""

    def __init__(self, endpoint):
        self.endpoint = endpoint
        self._open = []

    def host(self, interfaces=None, start=True, **options):
        host = callgate.Host(self.endpoint, **options)
        self._open.append(host)
        for interface, served in (interfaces or {}).items():
            host.add(interface, served)
        if start:
            host.start()
        return host

    def client(self, endpoint=None, **options):
        client = callgate.Client(endpoint or self.endpoint, **options)
        self._open.append(client)
        return client

    def proxy(self, served, **options):
        """A proxy of an object that a host of this process serves."""
        self.host({"ITest": served})
        return self.client(**options).proxy("ITest")

    def close(self):
        for owner in reversed(self._open):
            owner.close()


@pytest.fixture
def serving(pipe):
    serving = Serving(pipe)
    yield serving
    serving.close()


class Program:
    """A program that prints its endpoints, and ends when its standard input ends."""

    def __init__(self, command, endpoints):
        self._process = subprocess.Popen(
            [*map(str, command), *endpoints],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            universal_newlines=True,
        )
        self.endpoints = []
        for _ in endpoints:
            line = self._process.stdout.readline()
            assert line.startswith("listening on "), line
            self.endpoints.append(line[len("listening on ") :].strip())

    def ask(self, order, argument=None):
        """Sends it an order, and returns its reply; both are JSON."""
        self._process.stdin.write(json.dumps([order, argument]) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def end(self):
        """Lets it end, and returns its output."""
        printed, _ = self._process.communicate()
        assert self._process.returncode == 0
        return printed

    def kill(self):
        self._process.kill()
        self._process.communicate()


@pytest.fixture
def program():
    """Starts programs that listen."""
    started = []

    def start(command, *endpoints):
        started.append(Program(command, endpoints))
        return started[-1]

    yield start
    for each in started:
        each.kill()


@pytest.fixture(params=["pipe", "tcp"])
def endpoint(request, pipe):
    """Endpoints of both kinds, one after the other."""
    return pipe if request.param == "pipe" else "tcp://127.0.0.1:0"


@pytest.fixture
def redgate_host(program, endpoint):
    """The program redgate_host.py, which listens on the endpoint."""
    return program(REDGATE_HOST, endpoint)


@pytest.fixture
def connect(redgate_host, serving):
    """Creates clients of that host, which reconnect quickly."""

    def connect(**options):
        return serving.client(redgate_host.endpoints[0], **{"limits": QUICK, **options})

    return connect


@pytest.fixture(scope="session")
def c_example(tmp_path_factory):
    """Compiles examples in C."""
    compiler = os.environ.get("CC") or shutil.which("cc")
    if compiler is None:
        pytest.skip("there is no C compiler")
    folder = tmp_path_factory.mktemp("c")
    library = Path(os.environ["CALLGATE_LIBRARY"]).resolve().parent

    def compiled(name):
        made = folder / name
        if not made.exists():
            source = CHECKOUT / "examples-c" / f"{name}.c"
            include = f"-I{CHECKOUT / 'include'}"
            found = [f"-L{library}", "-lcallgate", f"-Wl,-rpath,{library}"]
            subprocess.run([compiler, source, include, "-o", made, *found], check=True)
        return made

    return compiled
