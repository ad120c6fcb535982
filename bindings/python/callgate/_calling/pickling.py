"""Pickling of clients' proxies: a proxy is pickled as its endpoint, interface and options.

The process that unpickles a proxy creates a client with the same endpoint and options. Unpickled
proxies with equal endpoints and options share one client, which lives as long as the last of them.
"""

import os
import threading
import weakref
from enum import IntEnum
from typing import Any, Callable, Dict, NamedTuple, Optional, Tuple, Type, Union

from .._contracts.interface import Interface, resolve
from .options import Settings
from .typed import make_proxy


class ClientOptions(NamedTuple):
    """The options of a client that are pickled."""

    endpoint: str
    limits: Any
    exceptions: Tuple[Tuple[str, Type[Exception]], ...]
    host_user: Union[int, str, None]
    shuffle_endpoints: bool
    log: Any
    described: bool
    verify: IntEnum


class TravellingProxy(NamedTuple):
    """What is pickled for a proxy."""

    make_client: Callable[..., Any]
    client: ClientOptions
    interface: Interface
    initialise: Optional[Callable[[Any], Any]]
    faulted: Optional[Type[BaseException]]
    settings: Optional[Settings]


_lock = threading.Lock()
_shared: "weakref.WeakValueDictionary[ClientOptions, Any]" = weakref.WeakValueDictionary()


def revive(travelled: TravellingProxy) -> Any:
    """Creates a pickled proxy in this process."""
    make, options = travelled.make_client, travelled.client
    with _lock:
        client = _shared.get(options)
        if client is None:
            given: Dict[str, Any] = options._asdict()
            given["exceptions"] = dict(options.exceptions)
            client = _shared[options] = make(**given)
    interface, routine, faulted = travelled[2:5]
    return make_proxy(client._proxy_handle(interface, routine, faulted), travelled.settings)


def revive_method(name: str, travelled: TravellingProxy) -> Any:
    """Creates a method of a pickled proxy in this process."""
    return getattr(revive(travelled), name)


def reduce(travelling: TravellingProxy, method: Optional[str]) -> Tuple[Any, ...]:
    """What pickle stores for a proxy, or for a method of it.

    Raises:
        TypeError: The proxy cannot be pickled.
    """
    _check_routine(resolve(travelling.interface)[0], travelling.initialise)
    if method is None:
        return (revive, (travelling,))
    return (revive_method, (method, travelling))


def _check_routine(interface: str, routine: Optional[Callable[[Any], Any]]) -> None:
    """Rejects a routine that another process cannot find by its name."""
    name = getattr(routine, "__qualname__", "")
    if "<" in name:
        raise TypeError(
            f"a proxy of {interface} cannot be pickled: another process cannot find its "
            f"initialisation routine {name} by name; make it a function of a module"
        )


def _forget() -> None:
    global _lock
    _lock = threading.Lock()
    _shared.clear()


if hasattr(os, "register_at_fork"):
    # The parent's clients are of no use in the child.
    os.register_at_fork(after_in_child=_forget)
