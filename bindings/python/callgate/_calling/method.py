"""The methods of proxies, and the functions that start and await them."""

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
    """An immutable object: copying it returns the object itself."""

    __slots__ = ()

    def __copy__(self: _Self) -> _Self:
        """The object itself."""
        return self

    def __deepcopy__(self: _Self, _: Dict[int, Any]) -> _Self:
        """The object itself."""
        return self


class RemoteMethod(Stateless):
    """A method of the peer's interface. Calling it calls the peer."""

    __slots__ = ("_handle", "_name", "_settings")

    def __init__(self, handle: ProxyHandle, name: str, settings: Optional[Settings]) -> None:
        self._handle = handle
        #: Its name in Python.
        self._name = name
        self._settings = settings

    def _options(self) -> Any:
        return None if self._settings is None else self._settings.options()

    def start(self, *arguments: Any, **keywords: Any) -> "Future[Any]":
        """Starts a call and returns at once; cancelling the future cancels the call.

        Calls started through one proxy are sent in the order they were started, except those that
        had not left when their connection was lost. The future's callbacks run on any thread, and
        may block.
        """
        raise NotImplementedError

    async def aio(self, *arguments: Any, **keywords: Any) -> Any:
        """Calls the method from asyncio; cancelling the task cancels the call."""
        raise NotImplementedError

    def __bool__(self) -> bool:
        """Raises TypeError: the program most likely meant to call the method."""
        raise TypeError(
            f"{self._name} is a method, neither true nor false: call it as {self._name}()"
        )

    def __reduce_ex__(self, _: Any) -> Tuple[Any, ...]:
        """Pickles the method as its proxy and its name."""
        return self._handle.travel(self._settings, self._name)

    def __repr__(self) -> str:
        """The method by its interface and name."""
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

    Type checkers know the parameters and the result of this one. Cancelling the future cancels the
    call.
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

    Type checkers know the parameters and the result of this one. Cancelling the task cancels the
    call.
    """
    return _of_proxy(method).aio(*arguments, **keywords)


def _of_proxy(method: Any) -> Any:
    if not isinstance(method, RemoteMethod):
        raise InvalidArgument(f"pass a method of a proxy, e.g. calculator.Add, not {method!r}")
    return method
