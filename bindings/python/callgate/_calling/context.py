"""The parent of calls: the one that an async method serves, wherever its task goes on."""

from contextvars import ContextVar
from ctypes import sizeof
from typing import Any

from .._abi import native

#: The call that an async method serves.
served_call: "ContextVar[Any]" = ContextVar("callgate_served_call")


def parent_options(options: Any) -> Any:
    """Options that name the parent of their call, where the thread does not serve that itself.

    Args:
        options: Those of a call that is made now, or None.
    """
    call = served_call.get(None)
    # It may be answered meanwhile, by another thread.
    parent = None if call is None else call._deferred
    if parent is None:
        return options
    if options is None:
        options = native.CallOptions(struct_size=sizeof(native.CallOptions))
    options.parent = parent.value
    options.kept = parent  # Its handle is alive as long as the options are.
    return options
