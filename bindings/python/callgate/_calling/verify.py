"""Comparing a proxy's description of its interface with the host's."""

from enum import IntEnum
from functools import partial
from typing import Any

from .._abi import native
from .._errors import failures
from .._exceptions import Error, InvalidArgument
from .._timeouts import interruptible
from .cancel import CancelToken
from .context import parent_options
from .proxy_handle import ProxyHandle
from .typed import parts


class Verify(IntEnum):
    """When a client's proxies compare their descriptions of interfaces with the host's."""

    #: Before their first call on each connection, in the thread of that call, within its timeout.
    AT_FIRST_CALL = 0
    #: Only callgate.verify() compares. Calls that do not fit fail one by one.
    NEVER = 1
    #: As soon as the client has connected or the proxy is created, in the background. Differences
    #: are logged as errors. A call that is made meanwhile compares too.
    WHEN_CONNECTING = 2


def check_verify(when: Verify) -> Verify:
    """The given choice.

    Raises:
        InvalidArgument: It is not a Verify.
    """
    if not isinstance(when, Verify):
        raise InvalidArgument(f"verify must be a callgate.Verify, not {when!r}")
    return when


def verify(proxy: Any) -> None:
    """Compares a proxy's description with the host's now, instead of before its first call.

    Waits for a connection as calls do, and takes the options that with_options() sets. Does nothing
    for a proxy whose interface is given by name, and for one of a connection.

    Args:
        proxy: A proxy of a client.

    Raises:
        ContractMismatch: The two do not fit; the message lists the differences. No call has run.
    """
    handle, settings = parts(proxy, "verify")
    interruptible(_verify, handle, parent_options(settings.options()))


async def verify_aio(proxy: Any) -> None:
    """Compares like verify(), from asyncio. Cancelling the task ends the wait."""
    # Imported here, since it is slow to import and most programs do not use it.
    import asyncio

    handle, settings = parts(proxy, "verify_aio")
    token = settings.cancel or CancelToken()
    options = parent_options(settings.changed(cancel=token).options())
    try:
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(None, partial(_verify, handle, options))
    except asyncio.CancelledError:
        if settings.cancel is None:
            token.cancel()
        raise


def _verify(handle: ProxyHandle, options: Any) -> None:
    try:
        failures.check(native.proxy_verify, handle.value, options)
    except Error as error:
        raise handle.raised_for(error) from error.__cause__
