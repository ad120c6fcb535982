"""Proxies, and the path of a call."""

from concurrent.futures import Future
from ctypes import addressof, byref, c_void_p
from threading import get_ident
from typing import Any, List, Mapping, Optional

from . import _abi, _failures, _signals
from ._call_options import Settings, call_options
from ._cancel import CancelToken
from ._errors import ContractMismatch
from ._proxy_handle import ProxyHandle
from ._spaces import CAPACITY, Space
from ._started import call_aio, start
from ._timeouts import DEFAULT, Timeout
from ._values import pack, refused_result

_call_into = _abi.proxy_call_into


class _Places:
    """Where C puts the outcome of a call, and more that is used again: making it takes time."""

    __slots__ = ("addresses", "buffer", "buffer_place", "error", "error_place", "listener", "space")

    def __init__(self) -> None:
        self.space = Space()
        self.buffer = _abi.Buffer()
        self.buffer_place = byref(self.buffer)
        self.error = c_void_p()
        self.error_place = byref(self.error)
        #: Where a result goes, and an error: as numbers, which are the quickest to pass.
        self.addresses = (
            self.space.address,
            CAPACITY,
            addressof(self.buffer),
            addressof(self.error),
        )
        self.listener: Optional[_signals.Listener] = None

    def listen(self, options: Any) -> Any:
        """Lets signals be handled while a call of the main thread waits; returns its options."""
        listener = self.listener
        if listener is None:
            listener = self.listener = _signals.Listener()
        return listener.options if options is None else listener.add_to(options)

    def check(self, failed: int, handle: ProxyHandle) -> None:
        """Raises what a signal's handler has raised, or what a call has failed with."""
        listener = self.listener
        if listener is not None and listener.raised:
            self.listener = None
            if failed:
                _failures.take(self.error)
            raise listener.raised[0]
        if failed:
            raise handle.raised_for(_failures.take(self.error))


_idle_places: List[_Places] = []


def _places() -> _Places:
    try:
        return _idle_places.pop()
    except IndexError:
        return _Places()


class Method:
    """A method of the other end's: calling it calls there."""

    __slots__ = ("_handle", "_name", "_settings")

    def __init__(self, handle: ProxyHandle, name: bytes, settings: Optional[Settings]) -> None:
        self._handle = handle
        self._name = name
        self._settings = settings

    def __call__(self, *arguments: Any) -> Any:
        """Calls it and waits for its result."""
        return call(self._handle, self._name, arguments, self._options())

    def one_way(self, *arguments: Any) -> None:
        """Calls it, without waiting for anything but that the call is queued."""
        one_way(self._handle, self._name, arguments, self._options())

    def start(self, *arguments: Any) -> "Future[Any]":
        """Starts it and returns at once; cancelling the future withdraws the call."""
        return start(self._handle, self._name, arguments, self._options())

    async def aio(self, *arguments: Any) -> Any:
        """Calls it from asyncio; cancelling the task withdraws the call."""
        return await call_aio(self._handle, self._name, arguments, self._options())

    def _options(self) -> Any:
        return None if self._settings is None else self._settings.options()

    def __repr__(self) -> str:
        """Names it."""
        return f"<callgate method {self._name.decode()}>"


class Proxy:
    """The caller's stand-in for an interface of the other end.

    Its attributes are the methods of that interface: `proxy.Add(1, 2)`. Methods whose names begin
    with an underscore, or are those of a proxy itself, and calls with options, go through call().
    Any number of threads may use a proxy.
    """

    def __init__(
        self, handle: ProxyHandle, interface: str, settings: Optional[Settings] = None
    ) -> None:
        """Takes over a handle; programs get proxies of a client or connection."""
        self._handle = handle
        self._interface = interface
        self._settings = settings

    @property
    def interface(self) -> str:
        """The interface that it stands for."""
        return self._interface

    def __getattr__(self, name: str) -> Method:
        """A method of the interface."""
        if name.startswith("_"):
            raise AttributeError(f"{name!r} begins with '_': use call({name!r}, ...)")
        method = Method(self._handle, _abi.name(name), self._settings)
        setattr(self, name, method)
        return method

    def call(
        self,
        method: str,
        *arguments: Any,
        timeout: Timeout = DEFAULT,
        signature: Optional[str] = None,
        metadata: Optional[Mapping[str, str]] = None,
        cancel: Optional[CancelToken] = None,
    ) -> Any:
        """Calls a method and waits for its result.

        Args:
            method: Its name.
            *arguments: Its arguments.
            timeout: How long the call takes at most, all waiting included.
            signature: What tells apart methods of one name.
            metadata: Text that goes along with the call.
            cancel: What can withdraw it.

        Returns:
            The result.
        """
        options = call_options(timeout, signature, metadata, cancel)
        return call(self._handle, _abi.name(method), arguments, options)

    def one_way(
        self,
        method: str,
        *arguments: Any,
        timeout: Timeout = DEFAULT,
        signature: Optional[str] = None,
        metadata: Optional[Mapping[str, str]] = None,
        cancel: Optional[CancelToken] = None,
    ) -> None:
        """Calls a method whose result no one waits for: returns once the call is queued."""
        options = call_options(timeout, signature, metadata, cancel)
        one_way(self._handle, _abi.name(method), arguments, options)

    def start_call(
        self,
        method: str,
        *arguments: Any,
        timeout: Timeout = DEFAULT,
        signature: Optional[str] = None,
        metadata: Optional[Mapping[str, str]] = None,
    ) -> "Future[Any]":
        """Starts a call and returns at once; cancelling the future withdraws the call.

        Calls that are started are sent in order. The future's callbacks run on any
        thread, and may wait.
        """
        options = call_options(timeout, signature, metadata, None)
        return start(self._handle, _abi.name(method), arguments, options)

    async def aio_call(
        self,
        method: str,
        *arguments: Any,
        timeout: Timeout = DEFAULT,
        signature: Optional[str] = None,
        metadata: Optional[Mapping[str, str]] = None,
    ) -> Any:
        """Calls a method from asyncio; cancelling the task withdraws the call."""
        options = call_options(timeout, signature, metadata, None)
        return await call_aio(self._handle, _abi.name(method), arguments, options)

    def __repr__(self) -> str:
        """Names the interface."""
        return f"<callgate.Proxy of {self._interface}>"


def call(handle: ProxyHandle, method: bytes, arguments: Any, options: Any) -> Any:
    """Calls, waits, and returns the result. This is the hot path."""
    data = pack(arguments)
    places = _places()
    buffer = places.buffer
    try:
        if get_ident() == _signals.main_thread:
            options = places.listen(options)
        failed = _call_into(handle.value, method, data, len(data), options, *places.addresses)
        if failed or places.listener is not None:
            places.check(failed, handle)
        return places.space.read(buffer.length, buffer.data)
    except ContractMismatch as error:
        raise (error if failed else refused_result(method, error)) from error.__cause__
    finally:
        if buffer.owner is not None:
            _abi.buffer_free(places.buffer_place)
        _idle_places.append(places)


def one_way(handle: ProxyHandle, method: bytes, arguments: Any, options: Any) -> None:
    """Queues a one-way call."""
    data = pack(arguments)
    places = _places()
    try:
        if get_ident() == _signals.main_thread:
            options = places.listen(options)
        error = places.error_place
        failed = _abi.proxy_one_way(handle.value, method, data, len(data), options, error)
        places.check(failed, handle)
    finally:
        _idle_places.append(places)
