"""Comparing a proxy's description of its interface with the host's."""

from functools import partial
from typing import Any

from .._abi import native
from .._errors import failures
from .._exceptions import Error
from .._timeouts import interruptible
from .cancel import CancelToken
from .context import parent_options
from .proxy_handle import ProxyHandle
from .typed import parts


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
