"""Inbound calls, as the methods that serve them see them."""

from threading import get_ident
from typing import Any, Callable, Dict, Optional

from .._abi import native, threads
from .._abi.handles import Local
from .._calling.context import served_call
from .._connection import Connection
from .._exceptions import InvalidHandle
from .._timeouts import Timeout, interruptible, milliseconds
from .on_cancelled import on_cancelled

_TIMEOUT_NONE = -1


class Call(Local):
    """A call that a method is serving. It is valid until the method has returned."""

    __slots__ = ("_context", "_deferred", "_handle")
    _instead = "send the values that you need, such as its metadata"

    def __init__(self, handle: int, context: Any, deferred: Any = None) -> None:
        """Wraps a call. Programs get it from current_call()."""
        self._handle: Optional[int] = handle
        self._context = context
        #: The owner of the handle, if the reply is deferred.
        self._deferred = deferred

    @property
    def interface(self) -> str:
        """The interface's name, as the caller's proxy spells it."""
        return native.read_text(native.call_interface, self._live())

    @property
    def connection(self) -> Connection:
        """The connection that the call came on."""
        return Connection._borrowed(native.call_connection(self._live()), self._context)

    @property
    def method(self) -> str:
        """The method's name."""
        return str(native.call_method(self._live(), None).decode("utf-8", "replace"))

    @property
    def signature(self) -> str:
        """The signature that distinguishes overloads of a method, or ""."""
        return native.read_text(native.call_signature, self._live())

    @property
    def is_one_way(self) -> bool:
        """Whether this is a one-way call, which gets no reply."""
        return bool(native.call_is_one_way(self._live()))

    @property
    def time_left(self) -> Optional[float]:
        """How many seconds the caller will still wait; None if it waits without limit."""
        left = native.call_time_left_ms(self._live())
        return None if left == _TIMEOUT_NONE else max(left, 0) / 1000

    @property
    def is_cancelled(self) -> bool:
        """Whether the caller no longer waits.

        It cancelled the call, the deadline passed, or the connection ended. The method may then
        stop early: the caller gets Cancelled or TimedOut, never its result.
        """
        return bool(native.call_is_cancelled(self._live()))

    def wait_cancelled(self, timeout: Timeout = None) -> bool:
        """Waits until is_cancelled is true.

        Args:
            timeout: How long to wait [no limit].

        Returns:
            Whether is_cancelled is true.
        """
        wait = native.call_wait_cancelled
        return bool(interruptible(wait, self._live(), milliseconds(timeout)))

    def on_cancelled(self, function: Callable[[], Any]) -> None:
        """Runs a function when the caller stops waiting; soon, if it has stopped already.

        The function runs at most once, on a Callgate thread. It may block, and it does not start
        after the reply. Exceptions that it raises are logged. A one-way call is cancelled only by
        the end of its connection.

        Args:
            function: For example the `terminate` of a process that the method waits for.

        Raises:
            LimitExceeded: No thread can be started to watch the call's deadline.
        """
        on_cancelled(self._live(), function)

    @property
    def metadata(self) -> Dict[str, str]:
        """The metadata that the caller sent."""
        call = self._live()
        return {
            native.read_text(native.call_metadata_key, call, index): native.read_text(
                native.call_metadata_value, call, index
            )
            for index in range(native.call_metadata_count(call))
        }

    def __repr__(self) -> str:
        """The call by its interface and method."""
        if self._handle is None:
            return "<callgate.Call that has ended>"
        return f"<callgate.Call of {self.interface}.{self.method}>"

    def _live(self) -> int:
        if self._handle is None:
            raise InvalidHandle("the call is over: the method that served it has returned")
        return self._handle

    def _end(self) -> None:
        self._handle = self._deferred = None


class Serving:
    """The call that a thread is serving. Its Call is created on demand: few methods use it."""

    __slots__ = ("call", "context", "handle")

    def __init__(self) -> None:
        """Starts without a call."""
        #: The call's handle, or 0.
        self.handle = 0
        #: The OwnerContext of the call's host or client.
        self.context: Any = None
        #: The Call, once the program has called current_call().
        self.call: Optional[Call] = None


def current_call() -> Call:
    """The call that this thread or asyncio task is serving.

    Raises:
        LookupError: It is serving no call.
    """
    serving: Optional[Serving] = threads.kept.get(get_ident())
    if serving is None or not serving.handle:
        call: Optional[Call] = served_call.get(None)
        if call is None:
            raise LookupError(
                "no call is being served here: use current_call() in a method that Callgate runs, "
                "or in a task that the method started"
            )
        return call
    if serving.call is None:
        serving.call = Call(serving.handle, serving.context)
    return serving.call
