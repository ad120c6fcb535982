"""Started calls: the result is waited for later, or awaited."""

from concurrent.futures import Future
from ctypes import byref, c_void_p
from functools import partial
from threading import get_ident
from typing import TYPE_CHECKING, Any, Callable, Optional, Union

from .. import _log
from .._abi import native, structs
from .._abi.handles import user_data
from .._abi.threads import keep_state, with_state
from .._errors import failures
from .._values.messagepack import pack, unpack_result
from .cancel import Canceller, CancelToken, idle_cancellers, new_canceller
from .context import parent_options
from .proxy_handle import ProxyHandle

if TYPE_CHECKING:
    from .mailbox import Awaited

_NO_RELEASE = structs.Free()

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
    future = _Started()
    _start(future, handle, method, arguments, options, receive)
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

    from .mailbox import Awaited

    awaited = Awaited()
    _start(awaited, handle, method, arguments, options, receive)
    try:
        return await awaited.future
    except asyncio.CancelledError:
        awaited.cancel()
        raise


class _Started(Future):  # type: ignore[type-arg]
    """A future whose callbacks all run, whatever one of them raises."""

    canceller: Canceller

    def cancel(self) -> bool:
        cancelled = super().cancel()
        if cancelled:
            self.canceller.cancel()
        return cancelled

    def add_done_callback(self, fn: Callable[[Any], Any]) -> None:
        super().add_done_callback(partial(_guarded, fn))

    def reuse(self, canceller: Canceller) -> None:
        """Keeps the canceller for other calls. From now on cancel() does nothing."""
        idle_cancellers.append(canceller)


def _guarded(function: Callable[[Any], Any], future: Any) -> None:
    try:
        function(future)
    except BaseException:
        _log.report("a callback of a started call")


def _start(
    outcome: "Union[_Started, Awaited]",
    handle: ProxyHandle,
    method: bytes,
    arguments: Any,
    options: Any,
    receive: Optional[Receive],
) -> None:
    data = pack(arguments)
    options = parent_options(options)
    outcome.canceller = canceller = new_canceller()
    given: Optional[CancelToken] = None
    if options is None:
        options = canceller.options
    else:
        options.cancel = canceller.value
        given = getattr(options, "token", None)
        if given is not None:
            given._link(canceller)
    # The proxy's handle keeps the client open until the outcome.
    key = user_data.keep((outcome, method, handle, receive, given))
    place = c_void_p()
    outgoing = (handle.value, method, data, len(data), options)
    # The completion releases the user data, which saves a callback.
    if native.proxy_start(*outgoing, _complete, key, _NO_RELEASE, byref(place)):
        user_data.drop(key)
        if given is not None:
            given._unlink(canceller)
        raise failures.take(place)


@structs.Completion
def _complete(key: int, status: int, reply: Any, error: int) -> None:
    # keep_state() does nothing on a thread of the program.
    if get_ident() not in with_state:
        keep_state()
    outcome, method, handle, receive, given = user_data.pop(key)
    canceller = outcome.canceller
    if given is not None:
        given._unlink(canceller)
    if not outcome.set_running_or_notify_cancel():
        return
    # The given token may just be cancelling this one.
    if given is None:
        outcome.reuse(canceller)
    try:
        if status:
            raise handle.raised_for(failures.read(error))
        buffer = structs.Buffer.from_address(reply)
        result = unpack_result(buffer.data, buffer.length, method)
        if receive is not None:
            result = receive(result)
    except BaseException as raised:
        # No exception may leave a callback.
        outcome.set_exception(raised)
    else:
        outcome.set_result(result)
