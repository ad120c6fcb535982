"""Options of calls."""

import ctypes
import enum
from typing import Any, Mapping, NamedTuple, Optional, Union

from . import _abi
from ._cancel import CancelToken
from ._timeouts import DEFAULT, Timeout, milliseconds


class Kept(enum.Enum):
    """The type of KEPT."""

    KEPT = "as the proxy has it"


#: An option that is as the proxy has it.
KEPT = Kept.KEPT

#: What may be given for each option.
GivenTimeout = Union[Timeout, Kept]
GivenText = Union[str, None, Kept]
GivenMetadata = Union[Mapping[str, str], None, Kept]
GivenToken = Union[CancelToken, None, Kept]


class Settings(NamedTuple):
    """Options that a proxy's calls have."""

    timeout: Timeout = DEFAULT
    signature: Optional[str] = None
    metadata: Optional[Mapping[str, str]] = None
    cancel: Optional[CancelToken] = None

    def changed(self, **given: Any) -> "Settings":
        """The same with those that are given in place of what was there."""
        return self._replace(**{name: it for name, it in given.items() if it is not KEPT})

    def options(self) -> Any:
        """Options of one call, of which C fills in more; None where all are the default ones."""
        timeout, signature, metadata, cancel = self
        if timeout is DEFAULT and signature is None and not metadata and cancel is None:
            return None
        options = _abi.CallOptions(struct_size=ctypes.sizeof(_abi.CallOptions))
        options.timeout_ms = milliseconds(timeout)
        if cancel is not None:
            options.cancel = cancel._handle.value
            options.token = cancel
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


#: Those of a proxy that was given none.
NO_SETTINGS = Settings()
