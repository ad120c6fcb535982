"""A method of a contract: how its arguments and its result travel."""

import inspect
from typing import Any, Callable, List, Mapping, NoReturn, Sequence

from .._abi import native
from .._exceptions import ContractMismatch, Execution
from .._values.messagepack import NESTS_TOO_DEEP
from .conversion import converter, hints
from .converter import ANY, Converter, UnknownType
from .mismatch import Mismatch, counted
from .unions import optional

_POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


class ContractMethod:
    """What an annotated function says of the method that it stands for."""

    __slots__ = (
        "_defaults",
        "_least",
        "_names",
        "_receives",
        "_result",
        "_sends",
        "described",
        "function",
        "is_async",
        "is_one_way",
        "name",
        "parameters",
        "signature",
        "wire_name",
    )

    def __init__(
        self, interface: str, name: str, function: Callable[..., Any], is_one_way: bool
    ) -> None:
        """Reads a function.

        Raises:
            UnknownType: It has an annotation whose values cannot travel, or a parameter that
                cannot be given by its place.
        """
        self.name = name
        #: What it was read of.
        self.function = function
        self.wire_name = native.name(name)
        self.is_one_way = is_one_way
        self.is_async = inspect.iscoroutinefunction(function)
        if self.is_async and is_one_way:
            raise UnknownType("it is one-way, so that nothing can be awaited: write 'def'")
        #: How messages call it.
        self.described = f"{interface}.{name}"
        signature = inspect.signature(function)
        parameters = list(signature.parameters.values())[1:]
        #: That of a method of a proxy.
        self.signature = signature.replace(parameters=parameters)
        known = hints(function)
        converters = []
        for parameter in parameters:
            if parameter.kind not in _POSITIONAL:
                raise UnknownType(f"{parameter} cannot be given by its place, as arguments travel")
            made = _converter(parameter.name, known.get(parameter.name, Any))
            converters.append(optional(made) if parameter.default is None else made)
        self._names = [parameter.name for parameter in parameters]
        self._least = sum(parameter.default is parameter.empty for parameter in parameters)
        #: How many there are.
        self.parameters = len(parameters)
        self._defaults = [parameter.default for parameter in parameters][self._least :]
        self._sends = [each.send for each in converters]
        self._receives = [each.receive for each in converters]
        self._result = _converter("the result", known["return"]) if "return" in known else ANY

    def send_arguments(self, arguments: Sequence[Any], keywords: Mapping[str, Any]) -> List[Any]:
        """What travels of a call's arguments, default values included.

        Raises:
            ContractMismatch: They do not fit. Nothing is sent.
        """
        if keywords or len(arguments) != self.parameters:
            arguments = self._arrange(arguments, keywords)
        return self._each(self._sends, arguments)

    def _arrange(self, arguments: Sequence[Any], keywords: Mapping[str, Any]) -> Sequence[Any]:
        try:
            bound = self.signature.bind(*arguments, **keywords)
        except TypeError as error:
            raise ContractMismatch(f"{self.described}: {error}") from None
        bound.apply_defaults()
        return bound.args

    def receive_arguments(self, arguments: Any) -> List[Any]:
        """What the method is given of arguments that have arrived.

        Raises:
            ContractMismatch: They do not fit.
        """
        if not isinstance(arguments, list):
            raise ContractMismatch(f"{self.described} got arguments that are not an array")
        if not self._least <= len(arguments) <= self.parameters:
            takes = counted(self.parameters, self._least)
            raise ContractMismatch(f"{self.described} takes {takes}, not {len(arguments)}")
        received = self._each(self._receives, arguments)
        return received + self._defaults[len(arguments) - self._least :]

    def _each(self, converts: List[Any], arguments: Sequence[Any]) -> List[Any]:
        made: List[Any] = []
        try:
            for convert, argument in zip(converts, arguments):
                made.append(convert(argument))
        except Mismatch as mismatch:
            words = mismatch.words(self._names[len(made)])
            raise ContractMismatch(f"{self.described}: {words}") from None
        except RecursionError:
            words = f"{self._names[len(made)]} nests {NESTS_TOO_DEEP}"
            raise ContractMismatch(f"{self.described}: {words}") from None
        return made

    def send_result(self, result: Any) -> Any:
        """What travels of a result."""
        try:
            return self._result.send(result)
        except Mismatch as mismatch:
            self._refuse_result(mismatch)
        except RecursionError:
            words = f"the result of {self.described} nests {NESTS_TOO_DEEP}"
            raise ContractMismatch(words) from None

    def receive_result(self, result: Any) -> Any:
        """What a caller gets of a result that has arrived."""
        try:
            return self._result.receive(result)
        except Mismatch as mismatch:
            self._refuse_result(mismatch)

    def _refuse_result(self, mismatch: Mismatch) -> NoReturn:
        refusal = ContractMismatch(mismatch.words(f"the result of {self.described}"))
        refusal.execution = Execution.RAN
        raise refusal from None


def _converter(what: str, annotation: Any) -> Converter:
    try:
        return converter(annotation)
    except UnknownType as error:
        raise UnknownType(f"{what}: {error}") from None
