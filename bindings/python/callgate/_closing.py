"""The context manager that hosts and clients are."""

from typing import Any, TypeVar

from . import _log
from ._abi.handles import Local
from ._timeouts import DEFAULT, Timeout

_Self = TypeVar("_Self", bound="Closing")


class Closing(Local):
    """Closes itself at the end of a `with` or `async with` block."""

    def close(self, timeout: Timeout = DEFAULT) -> None:
        """Closes the object."""
        raise NotImplementedError

    def _leave(self, is_failing: bool) -> None:
        try:
            self.close()
        except Exception:
            # The block's own exception matters more.
            if not is_failing:
                raise
            _log.report(f"closing {self!r}")

    def __enter__(self: _Self) -> _Self:
        """The object itself."""
        return self

    def __exit__(self, kind: Any, *_: object) -> None:
        """Closes the object. If the block raised, a failure to close is only logged."""
        self._leave(kind is not None)

    async def __aenter__(self: _Self) -> _Self:
        """The object itself."""
        return self

    async def __aexit__(self, kind: Any, *_: object) -> None:
        """Closes the object as `with` does, on another thread, while the event loop runs on."""
        import asyncio

        loop = asyncio.get_running_loop()
        await loop.run_in_executor(None, self._leave, kind is not None)
