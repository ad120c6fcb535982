"""The handles of proxies, and what is raised for their calls."""

from typing import Any, Callable, Optional, Tuple, Type

from .._abi import native
from .._abi.handles import Handle
from .._errors.exception_types import ExceptionTypes
from .._exceptions import ChannelFaulted, Error, RemoteError


class ProxyHandle(Handle):
    """Owns a proxy's handle, and keeps alive what the proxy was made of."""

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
            owner: The client or connection that the proxy was made of.
            interface: The name of its interface, or the class that describes that.
            faulted: What its calls raise in place of ChannelFaulted.
            initialise: Its initialisation routine.
        """
        super().__init__(value)
        self.owner = owner
        self.interface = interface
        self.faulted = faulted
        self.initialise = initialise

    def travel(self, settings: Any, method: Optional[str] = None) -> Tuple[Any, ...]:
        """What pickle makes the proxy of elsewhere, or that method of it.

        Raises:
            TypeError: It belongs to its process.
        """
        travelled: Tuple[Any, ...] = self.owner._travel(self, settings, method)
        return travelled

    def raised_for(self, error: Error) -> BaseException:
        """What a call raises for an error."""
        if isinstance(error, RemoteError):
            known: ExceptionTypes = self.owner._context.exceptions
            return known.revive(error)
        if self.faulted is None or not isinstance(error, ChannelFaulted):
            return error
        chosen = self.faulted(str(error))
        chosen.__cause__ = error
        return chosen


def unchangeable(interface: str, name: str) -> AttributeError:
    """What is raised where a program sets an attribute of a proxy."""
    return AttributeError(
        f"a proxy of {interface} has methods alone, and {name!r} cannot be set: call a method that "
        "sets it there"
    )
