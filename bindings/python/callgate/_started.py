"""Calls that are started, to be waited for later or awaited."""

from concurrent.futures import Future
from ctypes import c_void_p, sizeof, string_at
from functools import partial
from typing import Any, Callable, Optional

from . import _abi, _failures, _log
from ._cancel import CancelToken
from ._handles import release, user_data
from ._parent import within
from ._proxy_handle import ProxyHandle
from ._values import pack, unpack_result

#: Makes what the caller gets of a result.
Receive = Callable[[Any], Any]


def start(
    handle: ProxyHandle,
    method: bytes,
    arguments: Any,
    options: Any,
    receive: Optional[Receive] = None,
) -> "Future[Any]":
    """Starts a call; cancelling the future withdraws it."""
    data = pack(arguments)
    future = _Started()
    token = CancelToken()
    options = within(options) or _abi.CallOptions(struct_size=sizeof(_abi.CallOptions))
    given: Optional[CancelToken] = getattr(options, "token", None)
    options.cancel = token._handle.value
    # The handle keeps the client open until there is an outcome.
    key = user_data.keep((future, method, handle, receive))
    outgoing = (handle.value, method, data, len(data), options)
    _failures.check(_abi.proxy_start, *outgoing, _complete, key, release)
    future.add_done_callback(partial(_withdraw, token))
    if given is not None:
        given._lead(token)
        future.add_done_callback(lambda _: given._let_go(token))
    return future


async def call_aio(
    handle: ProxyHandle,
    method: bytes,
    arguments: Any,
    options: Any,
    receive: Optional[Receive] = None,
) -> Any:
    """Calls and awaits the result; cancelling the task withdraws the call."""
    # Who gets here has it; all others need not wait for its import.
    import asyncio

    return await asyncio.wrap_future(start(handle, method, arguments, options, receive))


class _Started(Future):  # type: ignore[type-arg]
    """A future none of whose callbacks stops another, whatever it raises."""

    def add_done_callback(self, fn: Callable[[Any], Any]) -> None:
        super().add_done_callback(partial(_guarded, fn))


def _guarded(function: Callable[[Any], Any], future: Any) -> None:
    try:
        function(future)
    except BaseException:
        _log.report("a callback of a started call")


def _withdraw(token: CancelToken, future: "Future[Any]") -> None:
    if future.cancelled():
        token.cancel()


@_abi.Completion
def _complete(key: int, status: int, reply: Any, error: int) -> None:
    # The thread may be the program's own, whose state is not to be kept.
    future, method, handle, receive = user_data[key]
    if not future.set_running_or_notify_cancel():
        return
    try:
        if status:
            raise handle.raised_for(_failures.read(error))
        buffer = reply[0]
        result = unpack_result(string_at(c_void_p(buffer.data), buffer.length), method)
        if receive is not None:
            result = receive(result)
    except BaseException as raised:
        # Nothing may leave a callback.
        future.set_exception(raised)
    else:
        future.set_result(result)
