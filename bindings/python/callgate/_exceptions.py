"""What goes wrong, as exceptions."""

from enum import IntEnum
from typing import Any, Dict, Optional, Type


class Status(IntEnum):
    """What became of an operation that failed."""

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
    """Whether the delegate ran for a call that failed; the status never implies it."""

    #: It certainly did not run: calling again is safe.
    NOT_RUN = 0
    #: It ran.
    RAN = 1
    #: The call may have left; whether it ran cannot be known.
    UNKNOWN = 2


class Error(Exception):
    """Something that Callgate could not do.

    Attributes:
        status: What became of it: a Status, or the number of one that this version does not know.
        execution: Whether the delegate ran.
        message: What went wrong, and how to mend it.
        cause: The error that brought this one about, or None.
        os_code: The operating system's code (errno), or 0.
    """

    status: int = Status.INTERNAL
    execution: int = Execution.NOT_RUN
    cause: Optional["Error"] = None
    os_code: int = 0

    def __init__(self, message: str = "") -> None:
        """Makes an error of these words."""
        super().__init__(message)
        self.message = message


class RemoteTrace(Exception):
    """The stack trace of a remote error, as its cause: so that tracebacks show it."""

    def __str__(self) -> str:
        """The trace, apart from what is local."""
        return f'\n"""\n{self.args[0].rstrip()}\n"""'


class RemoteError(Error):
    """The delegate failed.

    A delegate that raises one has it carried to the caller as it is.

    Attributes:
        type_name: The name of the error's type in the delegate's language.
        trace: Its stack trace as text, or "".
        data: A value that the delegate added, or None.
    """

    status = Status.REMOTE_ERROR
    execution = Execution.RAN

    def __init__(self, type_name: str, message: str, trace: str = "", data: Any = None) -> None:
        """Makes a remote error."""
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
    """No such interface or method, or arguments or a result that do not fit.

    A delegate may raise one to refuse its arguments.
    """

    status = Status.CONTRACT_MISMATCH


class ChannelFaulted(Error, ConnectionError):
    """No connection came in time, it was refused, or it was lost."""

    status = Status.CHANNEL_FAULTED


class TimedOut(ChannelFaulted, TimeoutError):
    """The deadline passed."""

    status = Status.TIMED_OUT


class Closed(ChannelFaulted):
    """The client, host or connection was closed by its owner, on either side."""

    status = Status.CLOSED


class Cancelled(Error):
    """The caller withdrew."""

    status = Status.CANCELLED


class InitialisationFailed(Error):
    """An initialisation routine failed; the cause tells why."""

    status = Status.INITIALISATION_FAILED


class LimitExceeded(Error):
    """A limit would be exceeded; the message names it."""

    status = Status.LIMIT_EXCEEDED


class AccessDenied(Error, PermissionError):
    """The peer, or the operating system, does not allow it."""

    status = Status.ACCESS_DENIED


class WouldDeadlock(Error):
    """The wait could only end in itself."""

    status = Status.WOULD_DEADLOCK


class Unsupported(Error):
    """This version of the library, or the peer's, cannot do it."""

    status = Status.UNSUPPORTED


class InvalidArgument(Error, ValueError):
    """An argument is not acceptable; the message says what is."""

    status = Status.INVALID_ARGUMENT


class InvalidHandle(Error):
    """What the object stood for is gone."""

    status = Status.INVALID_HANDLE


class AddressInUse(Error):
    """Another host listens there already."""

    status = Status.ADDRESS_IN_USE


class InternalError(Error):
    """A fault of Callgate itself."""

    status = Status.INTERNAL


class Forked(Error):
    """The object was made before a fork and belongs to the parent process."""

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

# They are known by their public names, in tracebacks and as the types of remote errors.
for _kind in (Error, RemoteTrace, *CLASSES.values()):
    _kind.__module__ = "callgate"
