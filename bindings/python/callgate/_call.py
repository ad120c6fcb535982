"""The inbound call that is being served."""

from contextvars import ContextVar
from typing import TYPE_CHECKING, Dict, Optional

from . import _abi
from ._errors import InvalidHandle

if TYPE_CHECKING:
    from ._connection import Connection

_TIMEOUT_NONE = -1


class Call:
    """A call that a method is serving; it can be asked until the method returns."""

    __slots__ = ("_connection", "_handle", "_interface")

    def __init__(self, handle: int, interface: str, connection: "Connection") -> None:
        """Looks at a call; programs ask current_call() for it."""
        self._handle: Optional[int] = handle
        self._interface = interface
        self._connection = connection

    @property
    def interface(self) -> str:
        """The interface, as the caller's proxy has it."""
        return self._interface

    @property
    def connection(self) -> "Connection":
        """The connection that it came on."""
        return self._connection

    @property
    def method(self) -> str:
        """The method's name."""
        return str(_abi.call_method(self._live(), None).decode("utf-8", "replace"))

    @property
    def signature(self) -> str:
        """What tells apart methods of one name, or ""."""
        return _abi.read_text(_abi.call_signature, self._live())

    @property
    def is_one_way(self) -> bool:
        """Whether no one waits for the answer."""
        return bool(_abi.call_is_one_way(self._live()))

    @property
    def time_left(self) -> Optional[float]:
        """For how many seconds the caller still waits; None where it waits for ever."""
        left = _abi.call_time_left_ms(self._live())
        return None if left == _TIMEOUT_NONE else max(left, 0) / 1000

    @property
    def metadata(self) -> Dict[str, str]:
        """The text that the caller sent along."""
        call = self._live()
        return {
            _abi.read_text(_abi.call_metadata_key, call, index): _abi.read_text(
                _abi.call_metadata_value, call, index
            )
            for index in range(_abi.call_metadata_count(call))
        }

    def _live(self) -> int:
        if self._handle is None:
            raise InvalidHandle("the method that served the call has returned")
        return self._handle

    def _end(self) -> None:
        self._handle = None


current: ContextVar[Call] = ContextVar("callgate_current_call")


def current_call() -> Call:
    """The call that is being served here.

    Raises:
        LookupError: None is.
    """
    return current.get()
