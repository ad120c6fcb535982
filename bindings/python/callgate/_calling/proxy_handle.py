"""The handles of proxies, and the exceptions that their calls raise."""

from typing import Any, Callable, Optional, Tuple, Type

from .._abi import native
from .._abi.handles import Handle
from .._errors.exception_types import ExceptionTypes
from .._exceptions import ChannelFaulted, Error, RemoteError


class ProxyHandle(Handle):
    """Owns the handle of a proxy, and keeps its client or connection alive."""

    __slots__ = ("faulted", "initialise", "interface", "owner")
    free = native.proxy_free

    def __init__(
        self,
        value: int,
        owner: Any,
        interface: Any,
        faulted: Optional[Type[BaseException]] = None,
        initialise: Optional[Callable[[Any], Any]] = None,
    ) -> None:
        """Takes over a handle.

        Args:
            value: The handle.
            owner: The client or connection that created the proxy.
            interface: The interface's name, or the class that describes it.
            faulted: The exception that calls raise instead of ChannelFaulted.
            initialise: The initialisation routine.
        """
        super().__init__(value)
        self.owner = owner
        self.interface = interface
        self.faulted = faulted
        self.initialise = initialise

    def travel(self, settings: Any, method: Optional[str] = None) -> Tuple[Any, ...]:
        """What pickle stores for the proxy, or for a method of it.

        Raises:
            TypeError: The proxy cannot be pickled.
        """
        travelled: Tuple[Any, ...] = self.owner._travel(self, settings, method)
        return travelled

    def raised_for(self, error: Error) -> BaseException:
        """The exception that a call raises for an error."""
        if isinstance(error, RemoteError):
            known: ExceptionTypes = self.owner._context.exceptions
            return known.revive(error)
        if self.faulted is None or not isinstance(error, ChannelFaulted):
            return error
        chosen = self.faulted(str(error))
        chosen.__cause__ = error
        return chosen


def unchangeable(interface: str, name: str) -> AttributeError:
    """The exception that setting an attribute of a proxy raises."""
    return AttributeError(
        f"{name!r} cannot be set: a proxy of {interface} has only methods, so call one that sets it"
    )
