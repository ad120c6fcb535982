"""What hosts and clients have in common as context managers."""

from typing import Any, TypeVar

from . import _log
from ._abi.handles import Local
from ._timeouts import DEFAULT, Timeout

_Self = TypeVar("_Self", bound="Closing")


class Closing(Local):
    """A context manager, also of asyncio's, which closes what it is."""

    def close(self, timeout: Timeout = DEFAULT) -> None:
        """Closes it."""
        raise NotImplementedError

    def _leave(self, is_failing: bool) -> None:
        try:
            self.close()
        except Exception:
            # What the program raised matters more.
            if not is_failing:
                raise
            _log.report(f"closing {self!r}")

    def __enter__(self: _Self) -> _Self:
        """The object itself."""
        return self

    def __exit__(self, kind: Any, *_: object) -> None:
        """Closes it. What the program raises meanwhile is not masked: a failure is logged then."""
        self._leave(kind is not None)

    async def __aenter__(self: _Self) -> _Self:
        """The object itself."""
        return self

    async def __aexit__(self, kind: Any, *_: object) -> None:
        """Closes it as `with` does, on another thread, while asyncio goes on."""
        import asyncio

        loop = asyncio.get_running_loop()
        await loop.run_in_executor(None, self._leave, kind is not None)
