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
    """A method of an object, and the number of arguments that it takes."""

    __slots__ = ("_keyword", "_least", "_most", "function", "is_fixed", "name", "send_result")

    def __init__(self, name: str, function: Callable[..., Any], is_fixed: bool) -> None:
        """Inspects a method.

        Args:
            name: The method's name.
            function: The method, bound to its object.
            is_fixed: Whether it is an attribute that exists, not one from __getattr__().
        """
        self.name = name
        self.function = function
        self.is_fixed = is_fixed
        #: Converts a result to what is sent; None if results are sent unchanged.
        self.send_result: Optional[Callable[[Any], Any]] = None
        self._least, self._most = argument_counts(function)
        self._keyword = needed_keyword(function)
        if self._keyword is not None:
            self._most = -1

    def accept(self, arguments: Any) -> List[Any]:
        """Checks received arguments, and returns those that the method is called with.

        Arguments are positional, so only their number is checked. Just calling the method would
        not distinguish a TypeError of the call from one raised inside.

        Raises:
            ContractMismatch: The method cannot be called with them.
        """
        if type(arguments) is list and self._least <= len(arguments) <= self._most:
            return arguments
        if not isinstance(arguments, list):
            raise ContractMismatch("was called with arguments that are not an array")
        if self._keyword is not None:
            words = f"requires the keyword argument {self._keyword!r}, which calls cannot pass"
            raise ContractMismatch(words)
        raise ContractMismatch(f"takes {self._expected()}, not {len(arguments)}")

    def _expected(self) -> str:
        if self._most == float("inf"):
            return f"at least {counted(self._least)}"
        return counted(self._most, self._least)


class TypedServedMethod:
    """A method of an object, with the types of its contract."""

    __slots__ = ("accept", "function", "name", "send_result")

    def __init__(self, contract: ContractMethod, function: Callable[..., Any]) -> None:
        """Takes the method's contract, and the method, bound to its object."""
        self.name = contract.name
        self.function = function
        self.accept = contract.receive_arguments
        self.send_result = contract.send_result


def find_method(served: Any, name: str) -> Optional[ServedMethod]:
    """The method of this name: a public, callable attribute that is not computed by the class.

    For a mapping, the function that it contains under the name.
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
    """Whether reading an attribute of a class runs code of the program.

    A peer's call must not run a property, a cached_property or a similar descriptor.
    """
    if callable(held) or not hasattr(type(held), "__get__"):
        return False
    return not isinstance(held, _HARMLESS)


_HARMLESS = (
    staticmethod,
    classmethod,
    functools.partialmethod,
    types.MemberDescriptorType,  # Created by `__slots__`.
)
