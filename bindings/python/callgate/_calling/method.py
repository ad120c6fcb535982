"""What methods of proxies have in common, and the functions that start and await them."""

from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, Callable, Coroutine, Dict, Optional, Tuple, TypeVar, overload

from .._contracts.interface import resolve
from .._exceptions import InvalidArgument
from .options import Settings
from .proxy_handle import ProxyHandle

if TYPE_CHECKING:
    from typing_extensions import ParamSpec

    _Arguments = ParamSpec("_Arguments")

_Result = TypeVar("_Result")
_Self = TypeVar("_Self")


class Stateless:
    """What a copy may share, since it cannot be changed."""

    __slots__ = ()

    def __copy__(self: _Self) -> _Self:
        """The object itself."""
        return self

    def __deepcopy__(self: _Self, _: Dict[int, Any]) -> _Self:
        """The object itself."""
        return self


class RemoteMethod(Stateless):
    """A method of the other end's: calling it calls there."""

    __slots__ = ("_handle", "_name", "_settings")

    def __init__(self, handle: ProxyHandle, name: str, settings: Optional[Settings]) -> None:
        self._handle = handle
        #: Its name in Python.
        self._name = name
        self._settings = settings

    def _options(self) -> Any:
        return None if self._settings is None else self._settings.options()

    def start(self, *arguments: Any, **keywords: Any) -> "Future[Any]":
        """Starts it and returns at once; cancelling the future withdraws the call.

        Calls that are started are sent in order. The future's callbacks run on any thread, and
        may wait.
        """
        raise NotImplementedError

    async def aio(self, *arguments: Any, **keywords: Any) -> Any:
        """Calls it from asyncio; cancelling the task withdraws the call."""
        raise NotImplementedError

    def __bool__(self) -> bool:
        """Refuses, since the method was most likely meant to be called."""
        raise TypeError(
            f"{self._name} is a method, neither true nor false: call it, {self._name}()"
        )

    def __reduce_ex__(self, _: Any) -> Tuple[Any, ...]:
        """Travels with its proxy."""
        return self._handle.travel(self._settings, self._name)

    def __repr__(self) -> str:
        """Names it."""
        return f"<callgate method {resolve(self._handle.interface)[0]}.{self._name}>"


@overload
def start(
    method: "Callable[_Arguments, Coroutine[Any, Any, _Result]]",
    *arguments: "_Arguments.args",
    **keywords: "_Arguments.kwargs",
) -> "Future[_Result]": ...


@overload
def start(
    method: "Callable[_Arguments, _Result]",
    *arguments: "_Arguments.args",
    **keywords: "_Arguments.kwargs",
) -> "Future[_Result]": ...


def start(method: Any, *arguments: Any, **keywords: Any) -> Any:
    """Starts a call of a proxy's method and returns at once, as `method.start()` does.

        future = callgate.start(calculator.Divide, 84, 2)

    Type checkers know the parameters and the result of this one. Cancelling the future withdraws
    the call.
    """
    return _of_proxy(method).start(*arguments, **keywords)


@overload
def aio(
    method: "Callable[_Arguments, Coroutine[Any, Any, _Result]]",
    *arguments: "_Arguments.args",
    **keywords: "_Arguments.kwargs",
) -> Coroutine[Any, Any, _Result]: ...


@overload
def aio(
    method: "Callable[_Arguments, _Result]",
    *arguments: "_Arguments.args",
    **keywords: "_Arguments.kwargs",
) -> Coroutine[Any, Any, _Result]: ...


def aio(method: Any, *arguments: Any, **keywords: Any) -> Any:
    """Calls a proxy's method from asyncio, as `method.aio()` does.

        quotient = await callgate.aio(calculator.Divide, 84, 2)

    Type checkers know the parameters and the result of this one. Cancelling the task withdraws the
    call.
    """
    return _of_proxy(method).aio(*arguments, **keywords)


def _of_proxy(method: Any) -> Any:
    if not isinstance(method, RemoteMethod):
        raise InvalidArgument(f"a method of a proxy is wanted, e.g. calculator.Add, not {method!r}")
    return method
