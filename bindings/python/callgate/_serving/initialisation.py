"""Proxies with an initialisation routine."""

from typing import Any, Callable, Optional, Type

from .._abi import native, structs
from .._abi.handles import release, user_data
from .._calling.proxy_handle import ProxyHandle
from .._calling.typed import make_proxy
from .._contracts.interface import Interface, wire_name
from .._errors import failures
from .._exceptions import ChannelFaulted, Error, Execution
from .tasks import run_here


def make_initialised(
    client: Any,
    interface: Interface,
    routine: Callable[[Any], Any],
    faulted: Optional[Type[BaseException]],
) -> int:
    """Creates the handle of a proxy whose routine runs before it is used on a connection."""
    key = user_data.keep((routine, client, interface, faulted))
    handle, name = client._handle.value, wire_name(interface)
    return failures.make(native.proxy_new_initialised, handle, name, _initialise, key, release)


@structs.Initialise
def _initialise(key: int, handle: int, error: Any) -> int:
    routine, client, interface, faulted = user_data[key]
    try:
        made = failures.make(native.proxy_clone, handle)
        run_here(routine(make_proxy(ProxyHandle(made, client, interface, faulted))))
    except BaseException as raised:
        # No exception may leave a callback.
        reason = _reason(raised, faulted)
        known = client._context.exceptions
        # The error stays in this process.
        return failures.store_error(reason, error, Execution.RAN, known, True, keep=Error)
    return 0


def _reason(raised: BaseException, faulted: Optional[Type[BaseException]]) -> BaseException:
    """The reason that a routine failed: a ChannelFaulted itself, not the proxy's replacement."""
    original = raised.__cause__
    replaced = faulted is not None and isinstance(raised, faulted)
    return original if replaced and isinstance(original, ChannelFaulted) else raised
