"""Pickling: a client's proxy travels as what it stands for, and nothing else leaves its process.

Where a proxy is unpickled it has a client of that process, to the same endpoint and with the same
options. Proxies of like clients share one there, which ends with the last of them.
"""

import os
import threading
import weakref
from typing import Any, Callable, Dict, NamedTuple, Optional, Tuple, Type

from .._contracts.interface import Interface, resolve
from .options import Settings
from .typed import make_proxy


class ClientOptions(NamedTuple):
    """The options of a client that travel."""

    endpoint: str
    limits: Any
    exceptions: Tuple[Tuple[str, Type[Exception]], ...]
    host_user: Optional[int]
    log: Any


class TravellingProxy(NamedTuple):
    """What a proxy stands for."""

    make_client: Callable[..., Any]
    client: ClientOptions
    interface: Interface
    initialise: Optional[Callable[[Any], Any]]
    faulted: Optional[Type[BaseException]]
    settings: Optional[Settings]


_lock = threading.Lock()
_shared: "weakref.WeakValueDictionary[ClientOptions, Any]" = weakref.WeakValueDictionary()


def revive(travelled: TravellingProxy) -> Any:
    """Makes a proxy in this process."""
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
    """Makes a method of a proxy in this process."""
    return getattr(revive(travelled), name)


def reduce(travelling: TravellingProxy, method: Optional[str]) -> Tuple[Any, ...]:
    """What pickle makes a proxy of elsewhere, or that method of it.

    Raises:
        TypeError: It belongs to its process.
    """
    _check_routine(resolve(travelling.interface)[0], travelling.initialise)
    if method is None:
        return (revive, (travelling,))
    return (revive_method, (method, travelling))


def _check_routine(interface: str, routine: Optional[Callable[[Any], Any]]) -> None:
    """Refuses a routine that cannot be found by its name elsewhere."""
    name = getattr(routine, "__qualname__", "")
    if "<" in name:
        raise TypeError(
            f"a proxy of {interface} cannot be pickled: its initialisation routine {name} has no "
            "name that another process could find it by; make it a function of a module"
        )


def _forget() -> None:
    global _lock
    _lock = threading.Lock()
    _shared.clear()


if hasattr(os, "register_at_fork"):
    # The parent's clients are of no use in the child.
    os.register_at_fork(after_in_child=_forget)
