"""The settings of a host or client that its connections, proxies and delegates share."""

from typing import Any, Mapping, Optional, Type

from .._errors.exception_types import ExceptionTypes
from .._exceptions import InvalidArgument
from .tasks import Tasks


class OwnerContext:
    """The settings of a host or client that its connections, proxies and delegates share."""

    __slots__ = ("exceptions", "has_log", "remote_traces", "tasks")

    def __init__(
        self,
        exceptions: Optional[Mapping[str, Type[Exception]]],
        loop: Any,
        log: Any,
        remote_traces: bool,
    ) -> None:
        """Checks the program's arguments.

        Args:
            exceptions: Exception classes by their names on the wire.
            loop: The event loop that runs async methods; None for the one that Callgate runs.
            log: The logger that receives the owner's log, or None.
            remote_traces: Whether errors are sent with their traces.
        """
        if log is not None and not hasattr(log, "isEnabledFor"):
            raise InvalidArgument(f"log must be a logging.Logger, not {log!r}")
        if loop is not None and not hasattr(loop, "call_soon_threadsafe"):
            raise InvalidArgument(
                f"loop must be an asyncio event loop, e.g. asyncio.get_running_loop(), not {loop!r}"
            )
        #: Whether errors are sent with their traces.
        self.remote_traces = remote_traces
        #: Whether the program has set a logger.
        self.has_log = log is not None
        #: The registered exception classes.
        self.exceptions = ExceptionTypes(exceptions or {})
        #: Runs async methods.
        self.tasks = Tasks(loop)
