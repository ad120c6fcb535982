"""Typed proxies: objects of the class that describes an interface, whose methods call there."""

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
    """A method of the other end's, as its contract describes it: calling it calls there."""

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

    #: What its contract says of it.
    __doc__ = property(lambda self: self._contract.function.__doc__)  # pyright: ignore
    __name__ = property(lambda self: self._name)
    __signature__ = property(lambda self: self._contract.signature)

    def _outgoing(
        self, arguments: Tuple[Any, ...], keywords: Dict[str, Any]
    ) -> Tuple[ProxyHandle, bytes, List[Any], Any]:
        sent = self._contract.send_arguments(arguments, keywords)
        return self._handle, self._contract.wire_name, sent, self._options()

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        """Calls it and waits for its result."""
        return self._contract.receive_result(call(*self._outgoing(arguments, keywords)))

    def one_way(self, *arguments: Any, **keywords: Any) -> None:
        """Calls it, without waiting for anything but that the call is queued."""
        one_way(*self._outgoing(arguments, keywords))

    def start(self, *arguments: Any, **keywords: Any) -> "Future[Any]":
        """Starts it and returns at once; cancelling the future withdraws the call."""
        outgoing = self._outgoing(arguments, keywords)
        return start(*outgoing, receive=self._contract.receive_result)

    async def aio(self, *arguments: Any, **keywords: Any) -> Any:
        """Calls it from asyncio; cancelling the task withdraws the call."""
        outgoing = self._outgoing(arguments, keywords)
        return await call_aio(*outgoing, receive=self._contract.receive_result)


class OneWayMethod(TypedMethod):
    """One that no one waits for."""

    __slots__ = ()

    def __call__(self, *arguments: Any, **keywords: Any) -> None:
        """Calls it, without waiting for anything but that the call is queued."""
        one_way(*self._outgoing(arguments, keywords))


class AsyncMethod(TypedMethod):
    """One that is awaited."""

    __slots__ = ()

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        """Calls it from asyncio; cancelling the task withdraws the call."""
        return self.aio(*arguments, **keywords)


class TypedProxy(Stateless):
    """What the classes of all typed proxies derive from."""

    _callgate_handle: ProxyHandle
    _callgate_contract: Contract
    _callgate_settings: Optional[Settings]

    def __init__(
        self, handle: ProxyHandle, contract: Contract, settings: Optional[Settings] = None
    ) -> None:
        """Takes over a handle; programs get proxies of a client or connection."""
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
        """Travels as its endpoint, its interface and its options."""
        return self._callgate_handle.travel(self._callgate_settings)

    def __setattr__(self, name: str, _: Any) -> None:
        """Refuses: nothing of it would reach the other end."""
        raise unchangeable(self._callgate_contract.name, name)

    def __repr__(self) -> str:
        """Names the interface."""
        return f"<callgate proxy of {self._callgate_contract.name}>"


def _proxy_class(described: Type[Any], contract: Contract) -> Type[Any]:
    if contract.proxy_class is None:
        # So that no method of an abstract class, or of a Protocol, counts as missing.
        body: Dict[str, Any] = dict.fromkeys(contract.methods)
        body["__module__"] = described.__module__
        bases = (TypedProxy, described)
        made = types.new_class(described.__name__, bases, {}, lambda names: names.update(body))
        contract.proxy_class = made
    return contract.proxy_class


def make_proxy(handle: ProxyHandle, settings: Optional[Settings] = None) -> Any:
    """A proxy of its handle's interface: typed, where a class describes that."""
    interface = handle.interface
    name, contract = resolve(interface)
    if contract is None:
        return Proxy(handle, name, settings)
    return _proxy_class(interface, contract)(handle, contract, settings)


def with_options(
    proxy: _Any,
    *,
    timeout: GivenTimeout = KEPT,
    signature: GivenText = KEPT,
    metadata: GivenMetadata = KEPT,
    cancel: GivenToken = KEPT,
) -> _Any:
    """The same proxy, whose calls have these options; those that are not given stay as they are.

    Args:
        proxy: A proxy, typed or not.
        timeout: How long a call takes at most, all waiting included.
        signature: What tells apart methods of one name.
        metadata: Text that goes along with the calls.
        cancel: What can withdraw them, started ones too.

    Returns:
        A further proxy of the same kind; the one that is given stays as it is.
    """
    changed = {"timeout": timeout, "signature": signature, "metadata": metadata, "cancel": cancel}
    if isinstance(proxy, TypedProxy):
        handle, settings = proxy._callgate_handle, proxy._callgate_settings
    elif isinstance(proxy, Proxy):
        handle, settings = proxy._handle, proxy._settings
    else:
        raise InvalidArgument(f"with_options() takes a proxy, of client.proxy(), not {proxy!r}")
    settings = (settings or NO_SETTINGS).changed(**changed)
    settings.options()  # What is wrong with them is told at once.
    return make_proxy(handle, settings)  # type: ignore[no-any-return]
