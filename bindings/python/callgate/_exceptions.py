"""The exceptions."""

from enum import IntEnum
from typing import Any, Dict, Optional, Type


class Status(IntEnum):
    """Why an operation failed."""

    REMOTE_ERROR = 1
    CONTRACT_MISMATCH = 2
    CHANNEL_FAULTED = 3
    TIMED_OUT = 4
    CANCELLED = 5
    CLOSED = 6
    INITIALISATION_FAILED = 7
    LIMIT_EXCEEDED = 8
    ACCESS_DENIED = 9
    WOULD_DEADLOCK = 10
    UNSUPPORTED = 11
    INVALID_ARGUMENT = 12
    INVALID_HANDLE = 13
    ADDRESS_IN_USE = 14
    INTERNAL = 15
    FORKED = 16


class Execution(IntEnum):
    """Whether the delegate of a failed call ran. The status never implies it."""

    #: It did not run: calling again is safe.
    NOT_RUN = 0
    #: It ran.
    RAN = 1
    #: The call may have been sent; whether it ran is unknown.
    UNKNOWN = 2


class Error(Exception):
    """Why an operation failed.

    Attributes:
        status: A Status, or a number that this version does not know.
        execution: Whether the call ran: an Execution, or a number that this version does not know.
        message: What went wrong and how to fix it, in words.
        cause: The error that caused this one, or None.
        os_code: The operating system's error code (errno), or 0.
    """

    status: int = Status.INTERNAL
    execution: int = Execution.NOT_RUN
    cause: Optional["Error"] = None
    os_code: int = 0

    def __init__(self, message: str = "") -> None:
        """Creates an error with this message."""
        super().__init__(message)
        self.message = message


class RemoteTrace(Exception):
    """The stack trace of a remote error, as its __cause__, so that tracebacks show it."""

    def __str__(self) -> str:
        """The trace, in quotes that set it apart from the local traceback."""
        return f'\n"""\n{self.args[0].rstrip()}\n"""'


class RemoteError(Error):
    """The delegate failed.

    A delegate may raise one: the caller gets it unchanged.

    Attributes:
        type_name: The error's type name in the delegate's language, e.g. "System.IO.IOException".
        trace: Its stack trace as text, or "".
        data: The value that the delegate attached to the error, or None.
    """

    status = Status.REMOTE_ERROR
    execution = Execution.RAN

    def __init__(self, type_name: str, message: str, trace: str = "", data: Any = None) -> None:
        """Creates a remote error."""
        super().__init__(message)
        self.args = (type_name, message, trace, data)
        self.type_name = type_name
        self.trace = trace
        self.data = data
        if trace:
            # Python shows it above this error's own traceback.
            self.__cause__ = RemoteTrace(trace)

    def __str__(self) -> str:
        """The type and the message."""
        return f"{self.type_name}: {self.message}" if self.type_name else self.message


class ContractMismatch(Error):
    """The interface or method does not exist, or the arguments or the result do not match.

    A delegate may raise one to reject its arguments.
    """

    status = Status.CONTRACT_MISMATCH


class ChannelFaulted(Error, ConnectionError):
    """No connection in time, or the connection was refused or lost."""

    status = Status.CHANNEL_FAULTED


class TimedOut(ChannelFaulted, TimeoutError):
    """The deadline passed."""

    status = Status.TIMED_OUT


class Closed(ChannelFaulted):
    """The client, host or connection was closed by its owner, on either side."""

    status = Status.CLOSED


class Cancelled(Error):
    """The caller cancelled the call."""

    status = Status.CANCELLED


class InitialisationFailed(Error):
    """An initialisation routine failed; the cause says why."""

    status = Status.INITIALISATION_FAILED


class LimitExceeded(Error):
    """A limit would be exceeded; the message names it."""

    status = Status.LIMIT_EXCEEDED


class AccessDenied(Error, PermissionError):
    """The peer or the operating system denies access."""

    status = Status.ACCESS_DENIED


class WouldDeadlock(Error):
    """Waiting would deadlock: what is waited for depends on this thread."""

    status = Status.WOULD_DEADLOCK


class Unsupported(Error):
    """This version of the library, or the peer's, cannot do it."""

    status = Status.UNSUPPORTED


class InvalidArgument(Error, ValueError):
    """An argument is invalid; the message says what is valid."""

    status = Status.INVALID_ARGUMENT


class InvalidHandle(Error):
    """The object is no longer valid, e.g. a Call whose method has returned."""

    status = Status.INVALID_HANDLE


class AddressInUse(Error):
    """Another host already listens on this endpoint."""

    status = Status.ADDRESS_IN_USE


class InternalError(Error):
    """A bug in Callgate."""

    status = Status.INTERNAL


class Forked(Error):
    """The object was created before a fork and belongs to the parent process."""

    status = Status.FORKED


CLASSES: Dict[int, Type[Error]] = {
    kind.status: kind
    for kind in (
        RemoteError,
        ContractMismatch,
        ChannelFaulted,
        TimedOut,
        Closed,
        Cancelled,
        InitialisationFailed,
        LimitExceeded,
        AccessDenied,
        WouldDeadlock,
        Unsupported,
        InvalidArgument,
        InvalidHandle,
        AddressInUse,
        InternalError,
        Forked,
    )
}
