"""The inbound call that is being served."""

from threading import get_ident
from typing import Any, Dict, Optional

from .._abi import native, threads
from .._abi.handles import Local
from .._calling.context import served_call
from .._connection import Connection
from .._exceptions import InvalidHandle
from .._timeouts import Timeout, interruptible, milliseconds

_TIMEOUT_NONE = -1


class Call(Local):
    """A call that a method is serving; it can be asked until the method ends."""

    __slots__ = ("_context", "_deferred", "_handle")
    _instead = "send what you need of it, such as its metadata"

    def __init__(self, handle: int, context: Any, deferred: Any = None) -> None:
        """Looks at a call; programs ask current_call() for it."""
        self._handle: Optional[int] = handle
        self._context = context
        #: The owner of the handle, where the call is answered later.
        self._deferred = deferred

    @property
    def interface(self) -> str:
        """The interface, as the caller's proxy has it."""
        return native.read_text(native.call_interface, self._live())

    @property
    def connection(self) -> Connection:
        """The connection that it came on."""
        return Connection._borrowed(native.call_connection(self._live()), self._context)

    @property
    def method(self) -> str:
        """The method's name."""
        return str(native.call_method(self._live(), None).decode("utf-8", "replace"))

    @property
    def signature(self) -> str:
        """What tells apart methods of one name, or ""."""
        return native.read_text(native.call_signature, self._live())

    @property
    def is_one_way(self) -> bool:
        """Whether no one waits for the answer."""
        return bool(native.call_is_one_way(self._live()))

    @property
    def time_left(self) -> Optional[float]:
        """For how many seconds the caller still waits; None where it waits for ever."""
        left = native.call_time_left_ms(self._live())
        return None if left == _TIMEOUT_NONE else max(left, 0) / 1000

    @property
    def is_cancelled(self) -> bool:
        """Whether nobody waits for the answer any more.

        The caller has cancelled the call, its time is up, or the connection has ended.
        Then the caller gets no result any more, whatever the method returns.
        """
        return bool(native.call_is_cancelled(self._live()))

    def wait_cancelled(self, timeout: Timeout = None) -> bool:
        """Waits until is_cancelled.

        Args:
            timeout: How long [no limit].

        Returns:
            Whether it is.
        """
        wait = native.call_wait_cancelled
        return bool(interruptible(wait, self._live(), milliseconds(timeout)))

    @property
    def metadata(self) -> Dict[str, str]:
        """The text that the caller sent along."""
        call = self._live()
        return {
            native.read_text(native.call_metadata_key, call, index): native.read_text(
                native.call_metadata_value, call, index
            )
            for index in range(native.call_metadata_count(call))
        }

    def __repr__(self) -> str:
        """Names it."""
        if self._handle is None:
            return "<callgate.Call that has ended>"
        return f"<callgate.Call of {self.interface}.{self.method}>"

    def _live(self) -> int:
        if self._handle is None:
            raise InvalidHandle("the method that served the call has ended")
        return self._handle

    def _end(self) -> None:
        self._handle = self._deferred = None


class Serving:
    """What a thread serves. The call is made when the program asks for it: few do."""

    __slots__ = ("call", "context", "handle")

    def __init__(self) -> None:
        """Nothing is served yet."""
        #: The call's handle; 0 for none.
        self.handle = 0
        #: What the call's host or client was given.
        self.context: Any = None
        #: The call, once the program has asked for it.
        self.call: Optional[Call] = None


def current_call() -> Call:
    """The call that is being served here.

    Raises:
        LookupError: None is.
    """
    serving: Optional[Serving] = threads.kept.get(get_ident())
    if serving is None or not serving.handle:
        call: Optional[Call] = served_call.get(None)
        if call is None:
            raise LookupError(
                "no call is served here: current_call() is for a method while it runs, and for "
                "what its task runs"
            )
        return call
    if serving.call is None:
        serving.call = Call(serving.handle, serving.context)
    return serving.call
