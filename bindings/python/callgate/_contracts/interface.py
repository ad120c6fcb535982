"""Contracts: interfaces described by annotated classes or typing.Protocols."""

import inspect
from typing import (
    Any,
    Callable,
    Dict,
    List,
    Mapping,
    NamedTuple,
    Optional,
    Tuple,
    Type,
    TypeVar,
    Union,
    overload,
)

from .._abi import native
from .._exceptions import InvalidArgument
from .arity import mismatch_of
from .contract_method import RAISES, ContractMethod
from .converter import UnknownType

_Class = TypeVar("_Class", bound=Type[Any])
_Function = TypeVar("_Function", bound=Callable[..., Any])

_METHOD_NAME = "__callgate_method__"
_ONE_WAY = "__callgate_one_way__"


@overload
def interface(named: _Class) -> _Class: ...


@overload
def interface(
    named: Optional[str] = None,
    *,
    pascal_case: bool = False,
    callback: Optional[Type[Any]] = None,
) -> Callable[[_Class], _Class]: ...


def interface(
    named: Any = None, *, pascal_case: bool = False, callback: Optional[Type[Any]] = None
) -> Any:
    """Names the interface that a class describes.

    The class's public methods, inherited ones included, are the methods of the interface. A class
    without this decorator has its own name as the interface's name.

        @callgate.interface("MySoftware.ICalculator")
        class Calculator(Protocol):
            def Add(self, a: int, b: int) -> int: ...

    Args:
        named: The interface's name [the name of the class].
        pascal_case: Whether a method written as `log_in` is called `LogIn` on the wire.
        callback: The class that describes the interface that hosts call back. It becomes part of
            the interface's description.
    """

    def decorate(cls: Any) -> Any:
        name = named if isinstance(named, str) else cls.__name__
        _named[cls] = _Named(name, pascal_case, callback)
        _contract(cls)  # Raises at the definition of an invalid class.
        return cls

    return decorate(named) if isinstance(named, type) else decorate


def method(name: str) -> Callable[[_Function], _Function]:
    """Sets the name that a method of an interface has on the wire."""

    def decorate(function: Any) -> Any:
        setattr(function, _METHOD_NAME, name)
        return function

    return decorate


def one_way(function: _Function) -> _Function:
    """Makes a method of an interface one-way: it has no result, and calling it does not wait."""
    setattr(function, _ONE_WAY, True)
    return function


def raises(*names: str) -> Callable[[_Function], _Function]:
    """Lists the errors that a method of an interface may raise, for the interface's description.

    Args:
        *names: Their names on the wire, as in `exceptions=` of hosts and clients.
    """

    def decorate(function: Any) -> Any:
        setattr(function, RAISES, names)
        return function

    return decorate


class _Named(NamedTuple):
    """What @interface says about a class."""

    name: str
    pascal_case: bool
    callback: Optional[Type[Any]]


class Contract:
    """An interface, and its methods by their Python names."""

    __slots__ = ("callback", "documents", "methods", "name", "proxy_class", "words")

    def __init__(self, cls: Type[Any]) -> None:
        """Reads the contract from a class.

        Raises:
            InvalidArgument: The class cannot describe an interface.
        """
        #: The class of the interface's proxies, created with the first proxy.
        self.proxy_class: Optional[Type[Any]] = None
        #: The documents that describe it, by the contract of the callback interface.
        self.documents: Dict[Optional[Contract], bytes] = {}
        #: The docstring of the class.
        self.words = inspect.cleandoc(cls.__dict__.get("__doc__") or "")
        # A subclass of a named interface is another interface, but inherits pascal_case.
        written_alike = any(_named[base].pascal_case for base in cls.__mro__ if base in _named)
        named = _named.get(cls, _Named(cls.__name__, written_alike, None))
        self.name = named.name
        #: The class that describes the callback interface, if it is known.
        self.callback = named.callback
        self.methods: Dict[str, ContractMethod] = {}
        for name, function in _functions(cls):
            written = pascal(name) if named.pascal_case else name
            wire_name = getattr(function, _METHOD_NAME, written)
            one_way = getattr(function, _ONE_WAY, False)
            try:
                made = ContractMethod(self.name, wire_name, function, one_way)
            except UnknownType as error:
                raise InvalidArgument(f"{cls.__qualname__}.{name}: {error}") from error
            self.methods[name] = made
        _check_data(cls)
        if not self.methods:
            raise InvalidArgument(
                f"{cls.__qualname__} cannot describe an interface: it has no public methods"
            )
        wire_names = [method.name for method in self.methods.values()]
        for name in wire_names:
            if wire_names.count(name) > 1:
                raise InvalidArgument(f"{cls.__qualname__} has two methods named {name}")

    def check_served(self, served: Any) -> None:
        """Raises InvalidArgument unless an object, a class or a factory can serve the interface."""
        if callable(served) and not isinstance(served, type):
            return  # A function creates the object, which is checked then.
        self.check_object(served)

    def check_object(self, served: Any) -> None:
        """Raises InvalidArgument unless an object, or a class's instances, can serve it."""
        for name, method in self.methods.items():
            try:
                function = self.function(served, name)
            except AttributeError:
                why = f"it has no method {name}"
            else:
                # A class's function also takes `self`.
                is_unbound = isinstance(served, type) and _takes_self(served, name)
                why = mismatch_of(function, method.parameters, name, method.described, is_unbound)
            if why:
                raise InvalidArgument(f"{served!r} cannot serve {self.name}: {why}")

    @staticmethod
    def function(served: Any, name: str) -> Callable[..., Any]:
        """The callable that serves a method.

        Raises:
            AttributeError: The object has none.
        """
        found = served.get(name) if isinstance(served, Mapping) else getattr(served, name)
        if not callable(found):
            raise AttributeError(name)
        return found  # type: ignore[no-any-return]


def _takes_self(cls: Type[Any], name: str) -> bool:
    held = inspect.getattr_static(cls, name)
    return not isinstance(held, (staticmethod, classmethod))


# Not stored in the classes: attributes of a Protocol are its members. Kept for the program's life.
_named: Dict[Type[Any], _Named] = {}
_contracts: Dict[Type[Any], Contract] = {}


def _check_data(cls: Type[Any]) -> None:
    for base in cls.__mro__:
        for name, annotation in base.__dict__.get("__annotations__", {}).items():
            is_constant = "ClassVar" in str(annotation)
            if not name.startswith("_") and not is_constant:
                raise InvalidArgument(
                    f"{cls.__qualname__}.{name} is a data member: an interface has only methods"
                )


def _functions(cls: Type[Any]) -> List[Tuple[str, Any]]:
    found = []
    for name in dir(cls):
        held = inspect.getattr_static(cls, name)
        if name.startswith("_"):
            continue
        if inspect.isfunction(held):
            found.append((name, held))
        elif isinstance(held, (property, staticmethod, classmethod)):
            raise InvalidArgument(
                f"{cls.__qualname__}.{name} is a {type(held).__name__}: "
                "an interface has only methods"
            )
    return found


def _contract(cls: Type[Any]) -> Contract:
    known = _contracts.get(cls)
    if known is None:
        known = _contracts[cls] = Contract(cls)
    return known


#: The name of an interface, or the class that describes it.
Interface = Union[str, Type[Any]]


def resolve(given: Interface) -> Tuple[str, Optional[Contract]]:
    """The name of an interface, and its contract if a class describes it."""
    if isinstance(given, str):
        return given, None
    if isinstance(given, type):
        contract = _contract(given)
        return contract.name, contract
    raise InvalidArgument(f"an interface must be a name or a class, not {given!r}")


def wire_name(given: Interface) -> bytes:
    """The name of an interface as C represents it."""
    return native.name(resolve(given)[0])


def pascal(name: str) -> str:
    """A name in Pascal case: LogIn for log_in."""
    return "".join(part[:1].upper() + part[1:] for part in name.split("_"))
