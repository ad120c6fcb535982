"""Calls that wait for their result, and one-way calls."""

from collections import deque
from ctypes import addressof, byref, c_void_p
from threading import get_ident
from typing import Any, Deque, List, Optional

from .._abi import native, signals, structs
from .._errors import failures
from .._exceptions import ContractMismatch, Error
from .._values.buffers import CAPACITY, ValueBuffer
from .._values.messagepack import KEPT, decoding_error, pack
from .context import parent_options
from .proxy_handle import ProxyHandle

_fast_call = native.fast_call


class _CallState:
    """What C needs for a call, and where it puts the outcome.

    Used for one call at a time, and reused, since creating it takes longer than a call.
    """

    __slots__ = (
        "_content",
        "_listener",
        "_options",
        "_buffer",
        "address",
        "encode",
        "raised",
        "read",
    )

    def __init__(self, listens: bool) -> None:
        """Creates a state for the main thread, which handles signals while it waits, or others."""
        self._buffer = buffer = ValueBuffer()
        self.encode = buffer.encode
        self.read = buffer.read
        self._content = structs.FastCallState(buffer=buffer.address, capacity=CAPACITY)
        self.address = addressof(self._content)
        self._listener: Optional[signals.Listener] = None
        #: What signal handlers have raised during the call.
        self.raised: List[BaseException] = []
        if listens:
            self._listen()

    def _listen(self) -> None:
        self._listener = listener = signals.Listener()
        self.raised = listener.raised
        self._content.options = addressof(listener.options)

    def use(self, options: Any) -> None:
        """Sets the options of the next call."""
        self._options = options  # Keeps them alive: C has only their address.
        if self._listener is not None:
            self._listener.add_to(options)
        self._content.options = addressof(options)

    def check(self, failed: bool, handle: ProxyHandle) -> None:
        """Raises what a signal handler raised, or the error of a failed call."""
        error = self._take_error() if failed else None
        if self.raised:
            raised = self.raised[0]
            self._listen()
            raise raised
        if error is not None:
            raise handle.raised_for(error)

    def _take_error(self) -> Error:
        error = c_void_p(self._content.error)
        self._content.error = None
        return failures.take(error)

    def read_elsewhere(self, length: int) -> Any:
        """Decodes a result that does not fit the buffer."""
        return self.read(length, self._content.reply.data)

    def tidy(self) -> None:
        """Releases what belongs to one call."""
        native.buffer_free(byref(self._content.reply))
        listener = self._listener
        self._options = None
        self._content.options = None if listener is None else addressof(listener.options)


# For the main thread, and for all others. After a burst of calls few are kept: each has buffers.
_idle_of_main: Deque[_CallState] = deque(maxlen=KEPT)
_idle: Deque[_CallState] = deque(maxlen=KEPT)


def call(handle: ProxyHandle, method: bytes, arguments: Any, options: Any) -> Any:
    """Calls a method and returns its result. This is the hot path."""
    options = parent_options(options)
    listens = get_ident() == signals.main_thread
    idle = _idle_of_main if listens else _idle
    try:
        state = idle.pop()
    except IndexError:
        state = _CallState(listens)
    length = 0
    try:
        data = state.encode(arguments)
        if options is not None:
            state.use(options)
        length = _fast_call(handle.value, method, data, len(data), state.address)
        if length < 0 or state.raised:
            state.check(length < 0, handle)
        if length <= CAPACITY:
            return state.read(length, 0)
        return state.read_elsewhere(length)
    except ContractMismatch as error:
        raise (error if length < 0 else decoding_error(method, error)) from error.__cause__
    finally:
        if options is not None or length > CAPACITY:
            state.tidy()
        idle.append(state)


def one_way(handle: ProxyHandle, method: bytes, arguments: Any, options: Any) -> None:
    """Queues a one-way call."""
    data = pack(arguments)
    options = parent_options(options)
    listener = None
    if get_ident() == signals.main_thread:
        listener = _idle_listeners.pop() if _idle_listeners else signals.Listener()
        options = listener.options if options is None else listener.add_to(options)
    error = c_void_p()
    outgoing = (handle.value, method, data, len(data), options)
    failed = native.proxy_one_way(*outgoing, byref(error))
    if listener is not None:
        if listener.raised:
            if failed:
                failures.take(error)
            raise listener.raised[0]
        _idle_listeners.append(listener)
    if failed:
        raise handle.raised_for(failures.take(error))


_idle_listeners: Deque[signals.Listener] = deque(maxlen=KEPT)
