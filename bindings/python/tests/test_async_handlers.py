"""Handlers, factories and initialisation routines that are `async def`."""

import asyncio
import gc
import threading

import callgate

SOON = 60


class Session:
    def __init__(self):
        self.name = ""

    def LogIn(self, name):
        self.name = name

    def WhoAmI(self):
        return self.name

    def Drop(self):
        callgate.current_call().connection.close()


def test_an_async_initialisation_routine_ends_before_calls(serving):
    serving.host({"ISession": Session})

    async def log_in(session):
        await asyncio.sleep(0.01)
        await session.LogIn.aio("me")

    assert serving.client().proxy("ISession", log_in).WhoAmI() == "me"


def test_an_async_initialisation_routine_that_fails_is_reported(serving):
    serving.host({"ISession": Session})

    async def fail(session):
        await asyncio.sleep(0)
        raise LookupError("no name")

    proxy = serving.client().proxy("ISession", fail)
    for _ in range(2):
        try:
            proxy.WhoAmI()
        except callgate.InitialisationFailed as error:
            assert "no name" in str(error.cause)
        else:
            raise AssertionError("it was not refused")


def test_async_handlers_of_clients_are_awaited(serving):
    serving.host({"ISession": Session})
    told = []
    ended = threading.Event()

    async def connected(connection):
        await asyncio.sleep(0)
        told.append(["connected", connection.generation])

    async def reconnected(connection):
        await asyncio.sleep(0)
        told.append(["reconnected", connection.generation])

    async def disconnected(connection, error):
        await asyncio.sleep(0)
        told.append(["disconnected", type(error).__name__])
        ended.set()

    client = serving.client(
        on_connected=connected, on_reconnected=reconnected, on_disconnected=disconnected
    )
    client.wait_connected()
    client.close()
    assert ended.wait(SOON)
    assert [each[0] for each in told] == ["connected", "disconnected"]


def test_async_handlers_of_hosts_are_awaited_before_calls(serving):
    host = serving.host(start=False)
    names = {}

    @host.on_client_connected
    async def connected(connection):
        await asyncio.sleep(0.01)
        names[connection.id] = "known"

    class Test:
        def Name(self):
            return names.get(callgate.current_call().connection.id)

    host.add("ITest", Test)
    host.start()
    assert serving.client().proxy("ITest").Name() == "known"


def test_async_handlers_that_raise_are_logged(serving, caplog):
    host = serving.host(start=False)

    @host.on_client_connected
    async def connected(connection):
        await asyncio.sleep(0)
        raise LookupError("lost")

    host.add("ISession", Session)
    host.start()
    assert serving.client().proxy("ISession").WhoAmI() == ""
    assert "lost" in caplog.text


def test_async_factories_are_awaited(serving):
    async def make():
        await asyncio.sleep(0)
        return Session()

    async def make_duplex(callback):
        assert await callback.WhoAmI.aio() == "the client"
        return Session()

    async def factory(interface, connection):
        await asyncio.sleep(0)
        return Session() if interface == "IOther" else None

    host = serving.host({"ISession": make}, start=False)
    host.add_duplex_delegate_factory("IDuplex", "ICallback", make_duplex)
    host.add_delegate_factory(factory)
    host.start()
    callback = Session()
    callback.name = "the client"
    client = serving.client(callbacks={"ICallback": callback})
    for interface in ("ISession", "IDuplex", "IOther"):
        assert client.proxy(interface).WhoAmI() == ""


def test_async_handlers_run_on_the_programs_loop(pipe):
    async def main():
        loop = asyncio.get_running_loop()
        seen = asyncio.Queue()

        async def connected(connection):
            await seen.put(asyncio.get_running_loop())

        async with callgate.Host(pipe, loop=loop) as host:
            host.on_client_connected(connected)
            host.start()
            async with callgate.Client(pipe, loop=loop, on_connected=connected):
                assert {await seen.get(), await seen.get()} == {loop}

    asyncio.run(asyncio.wait_for(main(), SOON))


def test_handlers_of_a_loop_that_has_ended_hold_nothing_up(pipe, caplog, recwarn):
    async def connected(connection):
        pass

    loop = asyncio.new_event_loop()
    host = callgate.Host(pipe, loop=loop)
    host.on_client_connected(connected)
    host.add("ISession", Session)
    host.start()
    with host, callgate.Client(pipe) as client:
        assert client.proxy("ISession").WhoAmI() == ""
    assert "is not running" in caplog.text
    loop.close()
    gc.collect()
    assert [str(each.message) for each in recwarn] == []
