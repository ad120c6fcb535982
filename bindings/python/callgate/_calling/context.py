"""The call that an async method serves, which is the parent of the calls that its task makes."""

from contextvars import ContextVar
from ctypes import sizeof
from typing import Any

from .._abi import structs

#: The Call that an async method serves.
served_call: "ContextVar[Any]" = ContextVar("callgate_served_call")


def parent_options(options: Any) -> Any:
    """Adds the parent to the options of a call, if an async method makes the call.

    For other methods C knows the parent: the call that this thread is serving.

    Args:
        options: The options, or None for the defaults.
    """
    call = served_call.get(None)
    # Another thread may send the reply at any moment, which clears _deferred.
    parent = None if call is None else call._deferred
    if parent is None:
        return options
    if options is None:
        options = structs.CallOptions(struct_size=sizeof(structs.CallOptions))
    options.parent = parent.value
    options.kept = parent  # Keeps its handle alive.
    return options
