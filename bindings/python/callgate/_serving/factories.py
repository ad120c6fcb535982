"""Factories: they create the objects that serve an interface on a connection."""

from typing import Any, Callable, Optional

from .._abi import native, structs
from .._abi.handles import release, user_data
from .._calling.proxy_handle import ProxyHandle
from .._calling.typed import make_proxy
from .._connection import Connection
from .._contracts.arity import least_arguments
from .._contracts.interface import Interface
from .._errors import failures
from .._exceptions import ContractMismatch, Execution, InvalidArgument
from .delegate import Delegate, keep_delegate
from .owner_context import OwnerContext

#: Returns the object that serves an interface on a connection, or None to leave it to others.
Factory = Callable[[str, Connection], Optional[Any]]


class PlainFactory:
    """Creates objects for the interfaces that it knows."""

    def __init__(
        self, make: Factory, interface: Optional[Interface], context: OwnerContext
    ) -> None:
        """Wraps a function of the program.

        Args:
            make: The function.
            interface: The interface that it serves; None if it is asked for every name.
            context: The OwnerContext of the host.
        """
        self.make = make
        self.interface = interface
        self.context = context


class DuplexFactory:
    """Creates the object that serves an interface from a proxy of the client's callback."""

    def __init__(
        self,
        interface: Interface,
        callback: Interface,
        make: Callable[..., Any],
        context: OwnerContext,
    ) -> None:
        """Wraps a function of the program."""
        self.interface = interface
        self.callback = callback
        self.make = make
        self.context = context


@structs.MakeDelegate
def make_delegate(key: int, name: bytes, handle: int, place: Any, error: Any) -> int:
    """The trampoline that asks a factory for a delegate."""
    factory: PlainFactory = user_data[key]
    try:
        asked = name.decode("utf-8", "replace")
        owner = Connection._borrowed(handle, factory.context)
        served = factory.context.tasks.wait(factory.make(asked, owner))
        _describe(place[0], served, factory.interface or asked, factory.context)
    except BaseException as raised:
        # No exception may leave a callback. Without a delegate, the method has not run.
        return _fail(raised, error, factory.context)
    return 0


@structs.MakeDuplex
def make_duplex(key: int, connection: int, callback: int, place: Any, error: Any) -> int:
    """The trampoline that asks a duplex factory for a delegate."""
    factory: DuplexFactory = user_data[key]
    try:
        owner = Connection._borrowed(connection, factory.context)
        made = failures.make(native.proxy_clone, callback)
        proxy = make_proxy(ProxyHandle(made, owner, factory.callback))
        arguments = (proxy, owner) if least_arguments(factory.make) > 1 else (proxy,)
        served = factory.context.tasks.wait(factory.make(*arguments))
        _describe(place[0], served, factory.interface, factory.context)
    except BaseException as raised:
        # No exception may leave a callback. Without a delegate, the method has not run.
        return _fail(raised, error, factory.context)
    return 0


def _fail(raised: BaseException, error: Any, context: OwnerContext) -> int:
    known, traces = context.exceptions, context.remote_traces
    return failures.store_error(raised, error, Execution.NOT_RUN, known, traces)


def _describe(
    place: structs.Delegate, served: Any, interface: Interface, context: OwnerContext
) -> None:
    if served is not None:
        try:
            delegate = Delegate(served, interface, context)
        except InvalidArgument as error:
            raise ContractMismatch(error.message) from None
        place.user_data = keep_delegate(delegate)
        place.user_data_free = release
        place.invoke = native.fast_invoke
