"""The handles of proxies, and what is raised for their calls."""

from typing import Any, Optional, Type

from . import _abi
from ._errors import ChannelFaulted, Error, RemoteError
from ._exceptions import Exceptions
from ._handles import Handle


class ProxyHandle(Handle):
    """Owns a proxy's handle, and keeps alive what the proxy was made of."""

    __slots__ = ("faulted", "owner")
    free = _abi.proxy_free

    def __init__(
        self, value: int, owner: Any, faulted: Optional[Type[BaseException]] = None
    ) -> None:
        """Takes over a handle.

        Args:
            value: The handle.
            owner: The client or connection that the proxy was made of.
            faulted: What its calls raise in place of ChannelFaulted.
        """
        super().__init__(value)
        self.owner = owner
        self.faulted = faulted

    def raised_for(self, error: Error) -> BaseException:
        """What a call raises for an error."""
        if isinstance(error, RemoteError):
            known: Exceptions = self.owner._context.exceptions
            return known.revive(error)
        if self.faulted is None or not isinstance(error, ChannelFaulted):
            return error
        chosen = self.faulted(str(error))
        chosen.__cause__ = error
        return chosen
