"""Proxies."""

from concurrent.futures import Future
from typing import Any, Dict, Optional, Tuple

from . import _abi
from ._call_options import (
    KEPT,
    NO_SETTINGS,
    GivenMetadata,
    GivenText,
    GivenTimeout,
    GivenToken,
    Settings,
)
from ._calling import call, one_way
from ._proxy_handle import ProxyHandle
from ._started import call_aio, start


class Method:
    """A method of the other end's: calling it calls there."""

    __slots__ = ("_handle", "_name", "_settings")

    def __init__(self, handle: ProxyHandle, name: bytes, settings: Optional[Settings]) -> None:
        self._handle = handle
        self._name = name
        self._settings = settings

    def __call__(self, *arguments: Any) -> Any:
        """Calls it and waits for its result."""
        settings = self._settings
        options = None if settings is None else settings.options()
        return call(self._handle, self._name, arguments, options)

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

    def __reduce_ex__(self, _: Any) -> Tuple[Any, ...]:
        """Travels with its proxy."""
        return self._handle.travel(self._settings, self._name.decode())

    def __copy__(self) -> "Method":
        """The method itself."""
        return self

    def __deepcopy__(self, _: Dict[int, Any]) -> "Method":
        """The method itself."""
        return self

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
        timeout: GivenTimeout = KEPT,
        signature: GivenText = KEPT,
        metadata: GivenMetadata = KEPT,
        cancel: GivenToken = KEPT,
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
        options = self._options(timeout, signature, metadata, cancel)
        return call(self._handle, _abi.name(method), arguments, options)

    def one_way(
        self,
        method: str,
        *arguments: Any,
        timeout: GivenTimeout = KEPT,
        signature: GivenText = KEPT,
        metadata: GivenMetadata = KEPT,
        cancel: GivenToken = KEPT,
    ) -> None:
        """Calls a method whose result no one waits for: returns once the call is queued."""
        options = self._options(timeout, signature, metadata, cancel)
        one_way(self._handle, _abi.name(method), arguments, options)

    def start_call(
        self,
        method: str,
        *arguments: Any,
        timeout: GivenTimeout = KEPT,
        signature: GivenText = KEPT,
        metadata: GivenMetadata = KEPT,
        cancel: GivenToken = KEPT,
    ) -> "Future[Any]":
        """Starts a call and returns at once; cancelling the future withdraws the call.

        Calls that are started are sent in order. The future's callbacks run on any
        thread, and may wait.
        """
        options = self._options(timeout, signature, metadata, cancel)
        return start(self._handle, _abi.name(method), arguments, options)

    async def aio_call(
        self,
        method: str,
        *arguments: Any,
        timeout: GivenTimeout = KEPT,
        signature: GivenText = KEPT,
        metadata: GivenMetadata = KEPT,
        cancel: GivenToken = KEPT,
    ) -> Any:
        """Calls a method from asyncio; cancelling the task withdraws the call."""
        options = self._options(timeout, signature, metadata, cancel)
        return await call_aio(self._handle, _abi.name(method), arguments, options)

    def _options(
        self,
        timeout: GivenTimeout,
        signature: GivenText,
        metadata: GivenMetadata,
        cancel: GivenToken,
    ) -> Any:
        settings = self._settings or NO_SETTINGS
        return settings.changed(
            timeout=timeout, signature=signature, metadata=metadata, cancel=cancel
        ).options()

    def __reduce_ex__(self, _: Any) -> Tuple[Any, ...]:
        """Travels as its endpoint, its interface and its options."""
        return self._handle.travel(self._settings)

    def __copy__(self) -> "Proxy":
        """The proxy itself: it has no state of its own."""
        return self

    def __deepcopy__(self, _: Dict[int, Any]) -> "Proxy":
        """The proxy itself: it has no state of its own."""
        return self

    def __repr__(self) -> str:
        """Names the interface."""
        return f"<callgate.Proxy of {self._interface}>"
