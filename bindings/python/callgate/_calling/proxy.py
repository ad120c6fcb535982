"""Proxies of interfaces that are given by name."""

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
    """A method of the peer's interface. Calling it calls the peer."""

    __slots__ = ("_wire_name",)

    def __init__(self, handle: ProxyHandle, name: str, settings: Optional[Settings]) -> None:
        super().__init__(handle, name, settings)
        self._wire_name = native.name(name)

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        """Calls the method and waits for its result."""
        if keywords:
            self._reject(keywords)
        settings = self._settings
        options = None if settings is None else settings.options()
        return call(self._handle, self._wire_name, arguments, options)

    def one_way(self, *arguments: Any, **keywords: Any) -> None:
        """Calls the method without waiting for a result. Returns once the call is queued."""
        self._reject(keywords)
        one_way(self._handle, self._wire_name, arguments, self._options())

    def start(self, *arguments: Any, **keywords: Any) -> "Future[Any]":
        """Starts a call and returns at once; cancelling the future cancels the call.

        Calls started through one proxy are sent in the order they were started, except those that
        had not left when their connection was lost. The future's callbacks run on any thread, and
        may block.
        """
        self._reject(keywords)
        return start(self._handle, self._wire_name, arguments, self._options())

    async def aio(self, *arguments: Any, **keywords: Any) -> Any:
        """Calls the method from asyncio; cancelling the task cancels the call."""
        self._reject(keywords)
        return await call_aio(self._handle, self._wire_name, arguments, self._options())

    def _reject(self, keywords: Dict[str, Any]) -> None:
        for keyword in keywords:
            raise InvalidArgument(
                f"{self._name} got the keyword argument {keyword!r}, but arguments are sent by "
                "position: pass it by position, or create the proxy from a class that describes "
                "the interface, e.g. proxy(ICalculator)"
            )


class Proxy(Stateless):
    """The caller's stand-in for an interface that the peer serves.

    Its attributes are the interface's methods: `proxy.Add(1, 2)`. Use call() or method() for a call
    with options, and for a method whose name begins with an underscore or is an attribute of this
    class. Any number of threads may use a proxy.
    """

    _handle: ProxyHandle
    _interface: str
    _settings: Optional[Settings]

    def __init__(
        self, handle: ProxyHandle, interface: str, settings: Optional[Settings] = None
    ) -> None:
        """Takes over a handle. Programs get proxies from a client or connection."""
        self.__dict__.update(_handle=handle, _interface=interface, _settings=settings)

    @property
    def interface(self) -> str:
        """The interface's name."""
        return self._interface

    def __getattr__(self, name: str) -> Method:
        """A method of the interface."""
        if name.startswith("_"):
            raise AttributeError(f"{name!r} begins with '_': call it with call({name!r}, ...)")
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
            method: The method's name.
            *arguments: The arguments.
            timeout: How long the call may take, all waiting included.
            signature: The signature that distinguishes overloads of a method.
            metadata: Text by key, sent with the call; at most 256 entries and 64 KiB.
            cancel: A token that can cancel the call from another thread.

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
        """Calls a method without waiting for a result. Returns once the call is queued.

        Like any call it waits for a connection and for the peer to catch up. Calls still unsent
        when the connection is lost are dropped, and the log reports how many. Takes the options of
        call().
        """
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
        """A method by its name, whose calls have these options; see call()."""
        settings = self._changed(timeout, signature, metadata, cancel)
        settings.options()  # Raises for invalid options.
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
        """Raises AttributeError: setting an attribute would not reach the peer."""
        raise unchangeable(self._interface, name)

    def __reduce_ex__(self, _: Any) -> Tuple[Any, ...]:
        """Pickles the proxy as its endpoint, interface and options."""
        return self._handle.travel(self._settings)

    def __repr__(self) -> str:
        """The proxy by its interface."""
        return f"<callgate.Proxy of {self._interface}>"
