"""Options of calls."""

import ctypes
from typing import Any, Mapping, Optional

from . import _abi
from ._cancel import CancelToken
from ._timeouts import DEFAULT, Timeout, milliseconds


class Settings:
    """Options that a proxy's calls have, each anew: C fills in what is one call's."""

    __slots__ = ("_cancel", "_metadata", "_signature", "_timeout")

    def __init__(
        self,
        *,
        timeout: Timeout = DEFAULT,
        signature: Optional[str] = None,
        metadata: Optional[Mapping[str, str]] = None,
        cancel: Optional[CancelToken] = None,
    ) -> None:
        """Takes what Proxy.call() takes."""
        self._timeout = timeout
        self._signature = signature
        self._metadata = dict(metadata or {})
        self._cancel = cancel
        self.options()  # What is wrong with them is told at once.

    def options(self) -> Any:
        """Options of a call; None where all are the default ones."""
        return call_options(self._timeout, self._signature, self._metadata, self._cancel)


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
