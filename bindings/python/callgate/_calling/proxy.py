"""Proxies."""

from concurrent.futures import Future
from typing import Any, Dict, Optional, Tuple

from .._abi import native
from .._exceptions import InvalidArgument
from .call import call, one_way
from .method import RemoteMethod, Stateless
from .options import (
    KEPT,
    NO_SETTINGS,
    GivenMetadata,
    GivenText,
    GivenTimeout,
    GivenToken,
    Settings,
)
from .proxy_handle import ProxyHandle, unchangeable
from .start import call_aio, start


class Method(RemoteMethod):
    """A method of the other end's: calling it calls there."""

    __slots__ = ("_wire_name",)

    def __init__(self, handle: ProxyHandle, name: str, settings: Optional[Settings]) -> None:
        super().__init__(handle, name, settings)
        self._wire_name = native.name(name)

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        """Calls it and waits for its result."""
        if keywords:
            self._refuse(keywords)
        settings = self._settings
        options = None if settings is None else settings.options()
        return call(self._handle, self._wire_name, arguments, options)

    def one_way(self, *arguments: Any, **keywords: Any) -> None:
        """Calls it, without waiting for anything but that the call is queued."""
        self._refuse(keywords)
        one_way(self._handle, self._wire_name, arguments, self._options())

    def start(self, *arguments: Any, **keywords: Any) -> "Future[Any]":
        """Starts it and returns at once; cancelling the future withdraws the call.

        Calls that are started are sent in order. The future's callbacks run on any thread, and
        may wait.
        """
        self._refuse(keywords)
        return start(self._handle, self._wire_name, arguments, self._options())

    async def aio(self, *arguments: Any, **keywords: Any) -> Any:
        """Calls it from asyncio; cancelling the task withdraws the call."""
        self._refuse(keywords)
        return await call_aio(self._handle, self._wire_name, arguments, self._options())

    def _refuse(self, keywords: Dict[str, Any]) -> None:
        for keyword in keywords:
            raise InvalidArgument(
                f"{self._name} got the keyword {keyword!r}, but arguments travel by place: give it "
                "by place, or make the proxy of a class that is the contract, as "
                "proxy(ICalculator)"
            )


class Proxy(Stateless):
    """The caller's stand-in for an interface of the other end.

    Its attributes are the methods of that interface: `proxy.Add(1, 2)`. Methods whose names begin
    with an underscore, or are those of a proxy itself, and calls with options, go through call() or
    method(). Any number of threads may use a proxy.
    """

    _handle: ProxyHandle
    _interface: str
    _settings: Optional[Settings]

    def __init__(
        self, handle: ProxyHandle, interface: str, settings: Optional[Settings] = None
    ) -> None:
        """Takes over a handle; programs get proxies of a client or connection."""
        self.__dict__.update(_handle=handle, _interface=interface, _settings=settings)

    @property
    def interface(self) -> str:
        """The interface that it stands for."""
        return self._interface

    def __getattr__(self, name: str) -> Method:
        """A method of the interface."""
        if name.startswith("_"):
            raise AttributeError(f"{name!r} begins with '_': use call({name!r}, ...)")
        method = self.__dict__[name] = Method(self._handle, name, self._settings)
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
        options = self._changed(timeout, signature, metadata, cancel).options()
        return call(self._handle, native.name(method), arguments, options)

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
        options = self._changed(timeout, signature, metadata, cancel).options()
        one_way(self._handle, native.name(method), arguments, options)

    def method(
        self,
        name: str,
        *,
        timeout: GivenTimeout = KEPT,
        signature: GivenText = KEPT,
        metadata: GivenMetadata = KEPT,
        cancel: GivenToken = KEPT,
    ) -> Method:
        """A method by its name, whose calls have these options, as call() has them."""
        settings = self._changed(timeout, signature, metadata, cancel)
        settings.options()  # What is wrong with them is told at once.
        return Method(self._handle, name, settings)

    def _changed(
        self,
        timeout: GivenTimeout,
        signature: GivenText,
        metadata: GivenMetadata,
        cancel: GivenToken,
    ) -> Settings:
        settings = self._settings or NO_SETTINGS
        return settings.changed(
            timeout=timeout, signature=signature, metadata=metadata, cancel=cancel
        )

    def __setattr__(self, name: str, _: Any) -> None:
        """Refuses: nothing of it would reach the other end."""
        raise unchangeable(self._interface, name)

    def __reduce_ex__(self, _: Any) -> Tuple[Any, ...]:
        """Travels as its endpoint, its interface and its options."""
        return self._handle.travel(self._settings)

    def __repr__(self) -> str:
        """Names the interface."""
        return f"<callgate.Proxy of {self._interface}>"
