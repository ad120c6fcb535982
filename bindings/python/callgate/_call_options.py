"""Options of calls."""

import ctypes
from typing import Any, Mapping, Optional

from . import _abi
from ._cancel import CancelToken
from ._timeouts import DEFAULT, Timeout, milliseconds


def call_options(
    timeout: Timeout,
    signature: Optional[str],
    metadata: Optional[Mapping[str, str]],
    cancel: Optional[CancelToken],
) -> Any:
    """Options of a call; None where all are the default ones."""
    if timeout is DEFAULT and signature is None and not metadata and cancel is None:
        return None
    options = _abi.CallOptions(struct_size=ctypes.sizeof(_abi.CallOptions))
    options.timeout_ms = milliseconds(timeout)
    if cancel is not None:
        options.cancel = cancel._handle.value
    if signature is not None:
        options.signature = _abi.name(signature)
    if metadata:
        entries = (_abi.Metadata * len(metadata))()
        for entry, (key, value) in zip(entries, metadata.items()):
            entry.key = _abi.name(key)
            entry.value = text = value.encode()
            entry.value_length = len(text)
        options.metadata = entries
        options.metadata_count = len(entries)
    return options
