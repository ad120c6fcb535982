"""The methods that an object serves."""

import functools
import inspect
import types
from typing import Any, Callable, List, Mapping, Optional

from .._contracts.arity import argument_counts, needed_keyword
from .._contracts.contract_method import ContractMethod
from .._contracts.mismatch import counted
from .._exceptions import ContractMismatch

_NOT_THERE = object()


class ServedMethod:
    """A method of an object, and how many arguments it takes."""

    __slots__ = ("_keyword", "_least", "_most", "function", "is_fixed", "name", "send_result")

    def __init__(self, name: str, function: Callable[..., Any], is_fixed: bool) -> None:
        """Looks at a method.

        Args:
            name: Its name.
            function: It itself, bound to its object.
            is_fixed: Whether the object has it, rather than making it up when asked.
        """
        self.name = name
        self.function = function
        self.is_fixed = is_fixed
        #: Makes what travels of a result; None where that is the result itself.
        self.send_result: Optional[Callable[[Any], Any]] = None
        self._least, self._most = argument_counts(function)
        self._keyword = needed_keyword(function)
        if self._keyword is not None:
            self._most = -1

    def accept(self, arguments: Any) -> List[Any]:
        """What the method is called with.

        Arguments are positional, so that their number decides. Calling to find out would not tell
        a TypeError of the call from one raised inside.

        Raises:
            ContractMismatch: It cannot be called with these.
        """
        if type(arguments) is list and self._least <= len(arguments) <= self._most:
            return arguments
        if not isinstance(arguments, list):
            raise ContractMismatch("got arguments that are not an array")
        if self._keyword is not None:
            raise ContractMismatch(f"needs {self._keyword!r} by keyword, which no call can give")
        raise ContractMismatch(f"takes {self._expected()}, not {len(arguments)}")

    def _expected(self) -> str:
        if self._most == float("inf"):
            return f"at least {counted(self._least)}"
        return counted(self._most, self._least)


class TypedServedMethod:
    """A method of an object, as a contract describes it."""

    __slots__ = ("accept", "function", "name", "send_result")

    def __init__(self, contract: ContractMethod, function: Callable[..., Any]) -> None:
        """Takes the method's description, and it itself, bound to its object."""
        self.name = contract.name
        self.function = function
        self.accept = contract.receive_arguments
        self.send_result = contract.send_result


def find_method(served: Any, name: str) -> Optional[ServedMethod]:
    """The method of that name: a callable attribute, public, that nothing runs to find.

    Of a mapping, what it holds under that name.
    """
    if isinstance(served, Mapping):
        function = served.get(name)
        return ServedMethod(name, function, True) if callable(function) else None
    if name.startswith("_"):
        return None
    fixed = inspect.getattr_static(served, name, _NOT_THERE)
    if _runs_when_read(fixed):
        return None
    function = getattr(served, name, None)
    if not callable(function):
        return None
    return ServedMethod(name, function, fixed is not _NOT_THERE)


def _runs_when_read(held: Any) -> bool:
    """Whether something of a class runs code of the program when an object is asked for it.

    A peer's call must not run a property, a cached_property, or the like of them.
    """
    if callable(held) or not hasattr(type(held), "__get__"):
        return False
    return not isinstance(held, _HARMLESS)


_HARMLESS = (
    staticmethod,
    classmethod,
    functools.partialmethod,
    types.MemberDescriptorType,  # What `__slots__` makes.
)
