"""The options of calls."""

import collections.abc
import ctypes
import enum
from typing import Any, Mapping, NamedTuple, Optional, Union

from .._abi import native, structs
from .._exceptions import InvalidArgument
from .._timeouts import DEFAULT, Timeout, milliseconds
from .cancel import CancelToken


class Kept(enum.Enum):
    """The type of KEPT."""

    KEPT = "as the proxy has it"


#: The proxy's own value of an option.
KEPT = Kept.KEPT

#: What a program may pass for each option.
GivenTimeout = Union[Timeout, Kept]
GivenText = Union[str, None, Kept]
GivenMetadata = Union[Mapping[str, str], None, Kept]
GivenToken = Union[CancelToken, None, Kept]


class Settings(NamedTuple):
    """The options that a proxy's calls have."""

    timeout: Timeout = DEFAULT
    signature: Optional[str] = None
    metadata: Optional[Mapping[str, str]] = None
    cancel: Optional[CancelToken] = None

    def changed(self, **given: Any) -> "Settings":
        """A copy in which the given options, except KEPT, replace these."""
        return self._replace(**{name: it for name, it in given.items() if it is not KEPT})

    def options(self) -> Any:
        """The options of one call as C represents them; None if all have their defaults."""
        timeout, signature, metadata, cancel = self
        if timeout is DEFAULT and signature is None and not metadata and cancel is None:
            return None
        options = structs.CallOptions(struct_size=ctypes.sizeof(structs.CallOptions))
        options.timeout_ms = milliseconds(timeout)
        if cancel is not None:
            if not isinstance(cancel, CancelToken):
                raise InvalidArgument(f"cancel must be a callgate.CancelToken, not {cancel!r}")
            options.cancel = cancel._handle.value
            options.token = cancel
        if signature is not None:
            options.signature = native.name(signature)
        if metadata:
            options.metadata = entries = _entries(metadata)
            options.metadata_count = len(entries)
        return options


def _entries(metadata: Mapping[str, str]) -> Any:
    if not isinstance(metadata, collections.abc.Mapping):
        raise InvalidArgument(f"metadata must be a dict of str to str, not {metadata!r}")
    entries = (structs.Metadata * len(metadata))()
    for entry, (key, value) in zip(entries, metadata.items()):
        if not (isinstance(key, str) and isinstance(value, str)):
            raise InvalidArgument(
                f"metadata must be a dict of str to str, but contains {key!r}: {value!r}"
            )
        entry.key = native.name(key)
        entry.value = text = value.encode()
        entry.value_length = len(text)
    return entries


#: The options of a proxy that was given none.
NO_SETTINGS = Settings()
