"""Callgate: call objects that live in another process, in any language, in both directions.

A host serves Python objects; a client calls them through proxies:

    host = callgate.Host("pipe://calculator")
    host.add("ICalculator", Calculator())
    host.start()

    with callgate.Client("pipe://calculator") as client:
        calculator = client.proxy("ICalculator")
        print(calculator.Add(1, 2))

A timeout is a number of seconds, None for no limit, or DEFAULT. Values are None, bool, int (64
bits), float, str, bytes, list, dict and datetime (with a time zone); a tuple arrives as a list.
"""

from ._abi import native
from ._calling.cancel import CancelToken
from ._calling.method import aio, start
from ._calling.proxy import Method, Proxy
from ._calling.typed import with_options
from ._calling.verify import Verify, verify, verify_aio
from ._client import Client
from ._connection import Connection
from ._contracts.custom import add_conversion
from ._contracts.interface import interface, method, one_way, raises
from ._counters import CallCounters, Counters, Latencies
from ._descriptions.document import describe
from ._exceptions import (
    AccessDenied,
    AddressInUse,
    Cancelled,
    ChannelFaulted,
    Closed,
    ContractMismatch,
    Error,
    Execution,
    Forked,
    InitialisationFailed,
    InternalError,
    InvalidArgument,
    InvalidHandle,
    LimitExceeded,
    RemoteError,
    RemoteTrace,
    Status,
    TimedOut,
    Unsupported,
    WouldDeadlock,
)
from ._host import Host
from ._limits import Limits
from ._serving.inbound_call import Call, current_call
from ._timeouts import DEFAULT, Timeout
from ._trace import Trace

__all__ = [
    "DEFAULT",
    "AccessDenied",
    "AddressInUse",
    "Call",
    "CallCounters",
    "CancelToken",
    "Cancelled",
    "ChannelFaulted",
    "Client",
    "Closed",
    "Connection",
    "ContractMismatch",
    "Counters",
    "Error",
    "Execution",
    "Forked",
    "Host",
    "InitialisationFailed",
    "InternalError",
    "InvalidArgument",
    "InvalidHandle",
    "Latencies",
    "LimitExceeded",
    "Limits",
    "Trace",
    "Method",
    "Proxy",
    "RemoteError",
    "RemoteTrace",
    "Status",
    "TimedOut",
    "Timeout",
    "Unsupported",
    "Verify",
    "WouldDeadlock",
    "add_conversion",
    "aio",
    "current_call",
    "describe",
    "interface",
    "method",
    "one_way",
    "raises",
    "start",
    "verify",
    "verify_aio",
    "with_options",
]

#: The version of the shared library.
__version__: str = native.version().decode()

# Tracebacks, documentation and pickles show public names, not the modules that define them.
for _name in __all__:
    _public = globals()[_name]
    if callable(_public) and _public.__module__.startswith("callgate."):
        _public.__module__ = "callgate"
