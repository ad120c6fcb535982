"""Typed proxies: instances of the class that describes an interface."""

import types
from concurrent.futures import Future
from typing import Any, Dict, List, Optional, Tuple, Type, TypeVar

from .._contracts.contract_method import ContractMethod
from .._contracts.interface import Contract, resolve
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
from .proxy import Proxy
from .proxy_handle import ProxyHandle, unchangeable
from .start import call_aio, start

_Any = TypeVar("_Any")


class TypedMethod(RemoteMethod):
    """A method of the peer's interface, with the types of its contract."""

    __slots__ = ("_contract",)

    def __init__(
        self,
        handle: ProxyHandle,
        name: str,
        contract: ContractMethod,
        settings: Optional[Settings],
    ) -> None:
        super().__init__(handle, name, settings)
        self._contract = contract

    #: The docstring of the contract's method.
    __doc__ = property(lambda self: self._contract.function.__doc__)  # pyright: ignore
    __name__ = property(lambda self: self._name)
    __signature__ = property(lambda self: self._contract.signature)

    def _outgoing(
        self, arguments: Tuple[Any, ...], keywords: Dict[str, Any]
    ) -> Tuple[ProxyHandle, bytes, List[Any], Any]:
        sent = self._contract.send_arguments(arguments, keywords)
        return self._handle, self._contract.wire_name, sent, self._options()

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        """Calls the method and waits for its result."""
        return self._contract.receive_result(call(*self._outgoing(arguments, keywords)))

    def one_way(self, *arguments: Any, **keywords: Any) -> None:
        """Calls the method without waiting for a result. Returns once the call is queued."""
        one_way(*self._outgoing(arguments, keywords))

    def start(self, *arguments: Any, **keywords: Any) -> "Future[Any]":
        """Starts a call and returns at once; cancelling the future cancels the call."""
        outgoing = self._outgoing(arguments, keywords)
        return start(*outgoing, receive=self._contract.receive_result)

    async def aio(self, *arguments: Any, **keywords: Any) -> Any:
        """Calls the method from asyncio; cancelling the task cancels the call."""
        outgoing = self._outgoing(arguments, keywords)
        return await call_aio(*outgoing, receive=self._contract.receive_result)


class OneWayMethod(TypedMethod):
    """A one-way method."""

    __slots__ = ()

    def __call__(self, *arguments: Any, **keywords: Any) -> None:
        """Calls the method without waiting for a result. Returns once the call is queued."""
        one_way(*self._outgoing(arguments, keywords))


class AsyncMethod(TypedMethod):
    """An async method."""

    __slots__ = ()

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        """Calls the method from asyncio; cancelling the task cancels the call."""
        return self.aio(*arguments, **keywords)


class TypedProxy(Stateless):
    """The base class of all typed proxies."""

    _callgate_handle: ProxyHandle
    _callgate_contract: Contract
    _callgate_settings: Optional[Settings]

    def __init__(
        self, handle: ProxyHandle, contract: Contract, settings: Optional[Settings] = None
    ) -> None:
        """Takes over a handle. Programs get proxies from a client or connection."""
        self.__dict__.update(
            _callgate_handle=handle, _callgate_contract=contract, _callgate_settings=settings
        )
        for name, method in contract.methods.items():
            kind = TypedMethod
            if method.is_one_way:
                kind = OneWayMethod
            elif method.is_async:
                kind = AsyncMethod
            self.__dict__[name] = kind(handle, name, method, settings)

    def __reduce_ex__(self, _: Any) -> Tuple[Any, ...]:
        """Pickles the proxy as its endpoint, interface and options."""
        return self._callgate_handle.travel(self._callgate_settings)

    def __setattr__(self, name: str, _: Any) -> None:
        """Raises AttributeError: setting an attribute would not reach the peer."""
        raise unchangeable(self._callgate_contract.name, name)

    def __repr__(self) -> str:
        """The proxy by its interface."""
        return f"<callgate proxy of {self._callgate_contract.name}>"


def _proxy_class(described: Type[Any], contract: Contract) -> Type[Any]:
    if contract.proxy_class is None:
        # Otherwise the methods of an abstract class or Protocol would count as missing.
        body: Dict[str, Any] = dict.fromkeys(contract.methods)
        body["__module__"] = described.__module__
        bases = (TypedProxy, described)
        made = types.new_class(described.__name__, bases, {}, lambda names: names.update(body))
        contract.proxy_class = made
    return contract.proxy_class


def make_proxy(handle: ProxyHandle, settings: Optional[Settings] = None) -> Any:
    """Creates a proxy of the handle's interface, which is typed if a class describes it."""
    interface = handle.interface
    name, contract = resolve(interface)
    if contract is None:
        return Proxy(handle, name, settings)
    return _proxy_class(interface, contract)(handle, contract, settings)


def parts(proxy: Any, function: str) -> Tuple[ProxyHandle, Settings]:
    """The handle and the settings of a proxy that was passed to a function."""
    if isinstance(proxy, TypedProxy):
        handle, settings = proxy._callgate_handle, proxy._callgate_settings
    elif isinstance(proxy, Proxy):
        handle, settings = proxy._handle, proxy._settings
    else:
        raise InvalidArgument(f"{function}() takes a proxy, e.g. of client.proxy(), not {proxy!r}")
    return handle, settings or NO_SETTINGS


def with_options(
    proxy: _Any,
    *,
    timeout: GivenTimeout = KEPT,
    signature: GivenText = KEPT,
    metadata: GivenMetadata = KEPT,
    cancel: GivenToken = KEPT,
) -> _Any:
    """A copy of a proxy whose calls have these options. Options that are not given stay unchanged.

    Args:
        proxy: A proxy, typed or not. It is not changed.
        timeout: How long a call may take, all waiting included.
        signature: The signature that distinguishes overloads of a method.
        metadata: Text by key, sent with each call; at most 256 entries and 64 KiB.
        cancel: A token that can cancel the calls, started ones included, from another thread.
    """
    changed = {"timeout": timeout, "signature": signature, "metadata": metadata, "cancel": cancel}
    handle, settings = parts(proxy, "with_options")
    settings = settings.changed(**changed)
    settings.options()  # Raises for invalid options.
    return make_proxy(handle, settings)  # type: ignore[no-any-return]
