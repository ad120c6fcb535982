"""Async methods that end by sys.exit() or Ctrl-C."""

import asyncio
import subprocess
import sys
import textwrap

import pytest

import callgate

SOON = 60


class Service:
    async def Exit(self):
        await asyncio.sleep(0)
        sys.exit("enough")

    async def ExitAtOnce(self):
        sys.exit(3)

    async def Interrupt(self):
        raise KeyboardInterrupt

    async def ExitInATask(self):
        async def leave():
            sys.exit(4)

        asyncio.get_running_loop().create_task(leave())

    async def Double(self, number):
        await asyncio.sleep(0)
        return 2 * number


@pytest.mark.parametrize(
    ("method", "type_name"),
    [("Exit", "SystemExit"), ("ExitAtOnce", "SystemExit"), ("Interrupt", "KeyboardInterrupt")],
)
def test_what_would_end_the_loop_is_the_callers_error(serving, method, type_name):
    proxy = serving.proxy(Service())
    with pytest.raises(callgate.RemoteError) as caught:
        proxy.call(method)
    assert caught.value.type_name == type_name
    assert proxy.Double(21) == 42, "other calls are served as before"


def test_a_task_that_a_method_made_does_not_end_the_loop(serving, caplog):
    proxy = serving.proxy(Service())
    proxy.ExitInATask()
    assert proxy.Double(21) == 42
    assert [record for record in caplog.records if record.name == "callgate"]


OWN_LOOP = """
    import asyncio, sys, callgate

    class Service:
        async def Exit(self):
            sys.exit(3)
        async def Double(self, number):
            return 2 * number

    async def main():
        loop = asyncio.get_running_loop()
        async with callgate.Host(sys.argv[1], loop=loop) as host:
            host.add("ITest", Service)
            host.start()
            async with callgate.Client(sys.argv[1]) as client:
                proxy = client.proxy("ITest")
                try:
                    await proxy.Exit.aio()
                except callgate.RemoteError as error:
                    print(error.type_name, await proxy.Double.aio(2))

    asyncio.run(main())
"""


def test_the_programs_own_loop_goes_on(pipe):
    ended = subprocess.run(
        [sys.executable, "-W", "error", "-c", textwrap.dedent(OWN_LOOP), pipe],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=SOON,
    )
    assert (ended.returncode, ended.stdout) == (0, "SystemExit 4\n")


CTRL_C = """
    import asyncio, signal, sys, callgate

    class Service:
        async def Interrupt(self):
            signal.raise_signal(signal.SIGINT)
            for _ in range(1000):
                await asyncio.sleep(0)

    async def main():
        loop = asyncio.get_running_loop()
        async with callgate.Host(sys.argv[1], loop=loop) as host:
            host.add("ITest", Service)
            host.start()
            async with callgate.Client(sys.argv[1]) as client:
                await client.proxy("ITest").Interrupt.aio()

    try:
        asyncio.run(main())
    except KeyboardInterrupt:
        print("interrupted")
"""


def test_ctrl_c_while_a_method_runs_on_the_programs_own_loop_ends_the_program(pipe):
    ended = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(CTRL_C), pipe],
        stdout=subprocess.PIPE,
        text=True,
        timeout=SOON,
    )
    assert (ended.returncode, ended.stdout) == (0, "interrupted\n")
