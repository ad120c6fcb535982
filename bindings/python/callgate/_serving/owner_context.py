"""What a host or client was given for all that it serves and calls."""

from typing import Any, Mapping, Optional, Type

from .._errors.exception_types import ExceptionTypes
from .._exceptions import InvalidArgument
from .tasks import Tasks


class OwnerContext:
    """Known to the owner's connections, proxies and delegates."""

    __slots__ = ("exceptions", "has_log", "tasks")

    def __init__(
        self, exceptions: Optional[Mapping[str, Type[Exception]]], loop: Any, log: Any
    ) -> None:
        """Takes what the program gave.

        Args:
            exceptions: Exception classes that travel as themselves, by name.
            loop: The event loop that async methods run on; None for Callgate's own.
            log: Where the owner's log goes, if anywhere.
        """
        if log is not None and not hasattr(log, "isEnabledFor"):
            raise InvalidArgument(f"log is a logging.Logger, not {log!r}")
        if loop is not None and not hasattr(loop, "call_soon_threadsafe"):
            raise InvalidArgument(
                f"loop is an event loop of asyncio, e.g. asyncio.get_running_loop(), not {loop!r}"
            )
        #: Whether the program gets the owner's log.
        self.has_log = log is not None
        #: Exceptions that travel as themselves.
        self.exceptions = ExceptionTypes(exceptions or {})
        #: What runs async methods.
        self.tasks = Tasks(loop)
