"""The official SDK's client lists and calls the tools of hosts in Python and C."""

import asyncio
import base64
import itertools
import os
import subprocess
import sys
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from mcp import Client, MCPError, StdioServerParameters

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")).resolve()
TOOL = TARGET / "debug" / "callgate"

# After this time a test fails: far more than it needs on a busy machine.
SECONDS = 90

HOSTS = {
    "python": [sys.executable, HERE / "host.py"],
    "c": [TARGET / "mcp" / "host"],
}

# The handshake of earlier revisions, what the client finds out, and the present revision.
MODES = ["legacy", "auto", "2026-07-28"]

_numbers = itertools.count()


class Host:
    """A host in a process of its own."""

    def __init__(self, language):
        self.endpoint = f"pipe://mcp-{language}-{os.getpid()}-{next(_numbers)}"
        environment = dict(os.environ, PYTHONPATH=str(ROOT / "bindings" / "python"))
        environment["CALLGATE_LIBRARY"] = str(TARGET / "debug" / "libcallgate.so")
        self._process = subprocess.Popen(
            [*HOSTS[language], self.endpoint],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
        )
        assert self._process.stdout.readline() == b"listening\n"

    async def line(self):
        """The next line that it prints."""
        line = await asyncio.to_thread(self._process.stdout.readline)
        return line.decode().rstrip()

    def end(self):
        """Ends it."""
        self._process.stdin.close()
        try:
            assert self._process.wait(SECONDS) == 0
        finally:
            self._process.kill()
            self._process.stdout.close()


@pytest.fixture(params=sorted(HOSTS))
def host(request):
    """A host in each language."""
    started = Host(request.param)
    yield started
    started.end()


@asynccontextmanager
async def tools_of(host, *options, mode="auto"):
    """A client of `callgate mcp`."""
    arguments = ["mcp", host.endpoint, "--interface=IPlaces", "--connect-timeout=60s", *options]
    program = StdioServerParameters(command=str(TOOL), args=arguments)
    async with asyncio.timeout(SECONDS), Client(program, mode=mode) as client:
        yield client


def text(result):
    """The text of a result."""
    return result.content[0].text


@pytest.mark.parametrize("mode", MODES)
def test_tools_are_listed_and_called(host, mode):
    async def run():
        async with tools_of(host, mode=mode) as client:
            tools = {tool.name: tool for tool in (await client.list_tools()).tools}
            names = ["Add", "Find", "Log", "Size", "Wait"]
            assert sorted(tools) == [f"IPlaces_{name}" for name in names]
            add = tools["IPlaces_Add"]
            assert add.description.startswith("Returns the sum.\nReturns int")
            assert add.input_schema["properties"]["a"]["type"] == "integer"
            assert add.input_schema["required"] == ["a"]
            assert tools["IPlaces_Find"].output_schema["properties"]["tags"]["type"] == "array"
            assert "Fails with NoSuchPlace." in tools["IPlaces_Find"].description
            assert "One-way" in tools["IPlaces_Log"].description

            assert text(await client.call_tool("IPlaces_Add", {"a": 1, "b": 2})) == "3"
            assert text(await client.call_tool("IPlaces_Add", {"a": 1})) == "2"
            found = await client.call_tool("IPlaces_Find", {"name": "Brocken"})
            place = {"name": "Brocken", "height": 1141.2, "tags": ["Harz"]}
            assert (found.structured_content, found.is_error) == (place, False)
            data = base64.b64encode(bytes(range(256))).decode()
            assert text(await client.call_tool("IPlaces_Size", {"data": data})) == "256"
            assert text(await client.call_tool("IPlaces_Log", {"line": "hello"})) == "sent"
            assert await host.line() == "hello"

    asyncio.run(run())


def test_errors_say_whether_the_call_ran(host):
    async def run():
        async with tools_of(host) as client:
            lost = await client.call_tool("IPlaces_Find", {"name": "Atlantis"})
            assert lost.is_error and lost.structured_content is None
            expected = (
                "there is no Atlantis\nstatus: remote error\nexecution: ran\ntype: NoSuchPlace"
            )
            assert text(lost) == expected
            misfit = await client.call_tool("IPlaces_Add", {"a": "one"})
            assert misfit.is_error
            assert "parameter 1 (a): expected int" in text(misfit)
            assert text(misfit).endswith("execution: not run")
            with pytest.raises(MCPError, match="no tool is called"):
                await client.call_tool("IPlaces_None", {})

    asyncio.run(run())


def test_calls_have_deadlines(host):
    async def run():
        async with tools_of(host, "--timeout=1s") as client:
            late = await client.call_tool("IPlaces_Wait")
            assert late.is_error and "status: timed out" in text(late)

    asyncio.run(run())


def test_a_cancelled_request_cancels_the_call(host):
    async def run():
        async with tools_of(host, "--timeout=60s") as client:
            waiting = asyncio.create_task(client.call_tool("IPlaces_Wait"))
            assert await host.line() == "waiting"
            waiting.cancel()
            assert await host.line() == "cancelled"
            assert text(await client.call_tool("IPlaces_Add", {"a": 1})) == "2"

    asyncio.run(run())
