"""Started calls: the result is waited for later, or awaited."""

from concurrent.futures import Future
from ctypes import byref, c_void_p, sizeof, string_at
from functools import partial
from threading import get_ident
from typing import Any, Callable, Optional

from .. import _log
from .._abi import native
from .._abi.handles import user_data
from .._abi.threads import keep_state, with_state
from .._errors import failures
from .._values.messagepack import pack, unpack_result
from .cancel import CancelToken
from .context import parent_options
from .proxy_handle import ProxyHandle

_OPTIONS_SIZE = sizeof(native.CallOptions)
_NO_RELEASE = native.Free()

#: Converts a result for the caller.
Receive = Callable[[Any], Any]


def start(
    handle: ProxyHandle,
    method: bytes,
    arguments: Any,
    options: Any,
    receive: Optional[Receive] = None,
) -> "Future[Any]":
    """Starts a call; cancelling the future cancels the call."""
    data = pack(arguments)
    token = CancelToken()
    future = _Started(token)
    options = parent_options(options) or native.CallOptions(struct_size=_OPTIONS_SIZE)
    given: Optional[CancelToken] = getattr(options, "token", None)
    options.cancel = token._handle.value
    # The proxy's handle keeps the client open until the outcome.
    key = user_data.keep((future, method, handle, receive))
    place = c_void_p()
    outgoing = (handle.value, method, data, len(data), options)
    # The completion releases the user data, which saves a callback.
    if native.proxy_start(*outgoing, _complete, key, _NO_RELEASE, byref(place)):
        user_data.drop(key)
        raise failures.take(place)
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
    """Calls a method and awaits its result; cancelling the task cancels the call."""
    # Imported here, since it is slow to import and most programs do not use it.
    import asyncio

    from .mailbox import mailbox

    started = start(handle, method, arguments, options, receive)
    waiting = asyncio.get_running_loop().create_future()
    started.add_done_callback(partial(mailbox().put, waiting))
    try:
        return await waiting
    except asyncio.CancelledError:
        started.cancel()
        raise


class _Started(Future):  # type: ignore[type-arg]
    """A future whose callbacks all run, whatever one of them raises."""

    def __init__(self, token: CancelToken) -> None:
        """Creates the future of a call that the token cancels."""
        super().__init__()
        self._token = token

    def cancel(self) -> bool:
        cancelled = super().cancel()
        if cancelled:
            self._token.cancel()
        return cancelled

    def add_done_callback(self, fn: Callable[[Any], Any]) -> None:
        super().add_done_callback(partial(_guarded, fn))


def _guarded(function: Callable[[Any], Any], future: Any) -> None:
    try:
        function(future)
    except BaseException:
        _log.report("a callback of a started call")


@native.Completion
def _complete(key: int, status: int, reply: Any, error: int) -> None:
    # keep_state() does nothing on a thread of the program.
    if get_ident() not in with_state:
        keep_state()
    future, method, handle, receive = user_data.pop(key)
    if not future.set_running_or_notify_cancel():
        return
    try:
        if status:
            raise handle.raised_for(failures.read(error))
        buffer = reply[0]
        result = unpack_result(string_at(c_void_p(buffer.data), buffer.length), method)
        if receive is not None:
            result = receive(result)
    except BaseException as raised:
        # No exception may leave a callback.
        future.set_exception(raised)
    else:
        future.set_result(result)
