"""Methods of contracts: how their arguments and results are converted."""

import inspect
from typing import Any, Callable, List, Mapping, NoReturn, Optional, Sequence, Tuple

from .._abi import native
from .._exceptions import ContractMismatch, Execution
from .._values.messagepack import NESTS_TOO_DEEP
from .conversion import converter, hints
from .converter import ANY, Converter, UnknownType
from .mismatch import Mismatch, counted
from .unions import optional

#: The attribute of a function with the names of the errors that it may raise.
RAISES = "__callgate_raises__"

_POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


class ContractMethod:
    """A method as an annotated function describes it."""

    __slots__ = (
        "_defaults",
        "_least",
        "_names",
        "_receives",
        "_result",
        "_sends",
        "described",
        "errors",
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
        """Reads the method from a function.

        Raises:
            UnknownType: The values of an annotation cannot be sent, or a parameter cannot be
                passed by position.
        """
        self.name = name
        #: The function that describes it.
        self.function = function
        self.wire_name = native.name(name)
        self.is_one_way = is_one_way
        #: The names of the errors that it may raise; None if it does not say.
        self.errors: Optional[Tuple[str, ...]] = getattr(function, RAISES, None)
        self.is_async = inspect.iscoroutinefunction(function)
        if self.is_async and is_one_way:
            raise UnknownType("a one-way method has no result to await: write 'def'")
        #: The method's name in messages.
        self.described = f"{interface}.{name}"
        signature = inspect.signature(function)
        parameters = list(signature.parameters.values())[1:]
        #: The signature of a proxy's method.
        self.signature = signature.replace(parameters=parameters)
        known = hints(function)
        converters = []
        for parameter in parameters:
            if parameter.kind not in _POSITIONAL:
                raise UnknownType(
                    f"{parameter} cannot be passed by position, as arguments are sent"
                )
            made = _converter(parameter.name, known.get(parameter.name, Any))
            converters.append(optional(made) if parameter.default is None else made)
        self._names = [parameter.name for parameter in parameters]
        self._least = sum(parameter.default is parameter.empty for parameter in parameters)
        #: The number of parameters.
        self.parameters = len(parameters)
        self._defaults = [parameter.default for parameter in parameters][self._least :]
        self._sends = [each.send for each in converters]
        self._receives = [each.receive for each in converters]
        self._result = _converter("the result", known["return"]) if "return" in known else ANY

    def send_arguments(self, arguments: Sequence[Any], keywords: Mapping[str, Any]) -> List[Any]:
        """Converts the arguments of a call, default values included, to what is sent.

        Raises:
            ContractMismatch: They do not match. Nothing is sent.
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
        """Converts received arguments to those that the method is called with.

        Raises:
            ContractMismatch: They do not match.
        """
        if not isinstance(arguments, list):
            raise ContractMismatch(f"{self.described}: the arguments are not an array")
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
        """Converts a result to what is sent."""
        try:
            return self._result.send(result)
        except Mismatch as mismatch:
            self._reject_result(mismatch)
        except RecursionError:
            words = f"the result of {self.described} nests {NESTS_TOO_DEEP}"
            raise ContractMismatch(words) from None

    def receive_result(self, result: Any) -> Any:
        """Converts a received result to what the caller gets."""
        try:
            return self._result.receive(result)
        except Mismatch as mismatch:
            self._reject_result(mismatch)

    def _reject_result(self, mismatch: Mismatch) -> NoReturn:
        refusal = ContractMismatch(mismatch.words(f"the result of {self.described}"))
        refusal.execution = Execution.RAN
        raise refusal from None


def _converter(what: str, annotation: Any) -> Converter:
    try:
        return converter(annotation)
    except UnknownType as error:
        raise UnknownType(f"{what}: {error}") from None
