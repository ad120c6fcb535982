"""What a host or client records."""

import ctypes
import os
from dataclasses import dataclass
from typing import Any, Optional, Union

from ._abi import structs
from ._exceptions import InvalidArgument


@dataclass(frozen=True)
class Trace:
    """Where and what a host or client records of what passes on its connections.

    Without it, the variables CALLGATE_TRACE and CALLGATE_TRACE_PAYLOADS of the environment decide.
    Recording never makes the program wait: what cannot be written in time is left out and counted.

    Attributes:
        file: The file, which must not exist yet; only this user may read it. "%p" stands for the
            process id, "%n" for the number of the recording in this process. For a folder, the name
            is "callgate-%p-%n.pcapng" in it.
        payloads: Whether arguments, results and the data of errors are recorded too.
        limit: The size of the file, in bytes, at which recording stops. 0 means 64 MiB.
    """

    file: Union[str, "os.PathLike[str]"]
    payloads: bool = False
    limit: int = 0


def trace_pointer(trace: Optional[Trace]) -> Any:
    """The setting for C; None if there is none."""
    if trace is None:
        return None
    if not isinstance(trace, Trace):
        raise InvalidArgument(f"trace must be a callgate.Trace, not {trace!r}")
    file = os.fsencode(trace.file)
    if b"\0" in file:
        raise InvalidArgument("the file of a trace must not contain NUL")
    if not 0 <= trace.limit < 1 << 64:
        raise InvalidArgument(f"the limit of a trace must not be negative, but is {trace.limit}")
    size = ctypes.sizeof(structs.Trace)
    return ctypes.pointer(
        structs.Trace(struct_size=size, file=file, limit=trace.limit, payloads=trace.payloads)
    )
