"""Proxies that are initialised on each connection."""

from typing import Any, Callable

from . import _abi, _failures
from ._errors import Error, Execution
from ._handles import release, user_data
from ._proxy import Proxy, ProxyHandle


def make_initialised(client: Any, interface: str, routine: Callable[[Proxy], Any]) -> int:
    """Makes a proxy of a client that runs a routine before it is used on a connection."""
    key = user_data.keep((routine, client, interface))
    handle, name = client._handle.value, _abi.name(interface)
    return _failures.make(_abi.proxy_new_initialised, handle, name, _initialise, key, release)


@_abi.Initialise
def _initialise(key: int, handle: int, error: Any) -> int:
    try:
        routine, client, interface = user_data[key]
        kept = ProxyHandle(_failures.make(_abi.proxy_clone, handle), client)
        routine(Proxy(kept, interface))
    except BaseException as raised:
        # Nothing may leave a callback.
        return _failures.refuse(raised, error, Execution.RAN, keep=Error)
    return 0
