"""How many arguments a function takes."""

import inspect
from typing import Any, Callable, List, Optional, Tuple

from .mismatch import counted

_ANY = inspect.Parameter("any", inspect.Parameter.VAR_POSITIONAL)


def _parameters(function: Callable[..., Any]) -> List[inspect.Parameter]:
    try:
        return list(inspect.signature(function).parameters.values())
    except (ValueError, TypeError):
        return [_ANY]  # A function written in C without a signature.


def argument_counts(function: Callable[..., Any]) -> Tuple[float, float]:
    """The least and the most positional arguments that a function takes."""
    parameters = _parameters(function)
    positional = [
        parameter
        for parameter in parameters
        if parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD)
    ]
    least = sum(parameter.default is parameter.empty for parameter in positional)
    takes_any = any(parameter.kind is parameter.VAR_POSITIONAL for parameter in parameters)
    return least, float("inf") if takes_any else len(positional)


def needed_keyword(function: Callable[..., Any]) -> Optional[str]:
    """A required parameter that can only be passed by keyword."""
    for parameter in _parameters(function):
        if parameter.kind is parameter.KEYWORD_ONLY and parameter.default is parameter.empty:
            return parameter.name
    return None


def mismatch_of(
    function: Callable[..., Any], given: int, name: str, described: str, is_unbound: bool
) -> str:
    """Why a function cannot be called with `given` arguments; "" if it can."""
    least, most = argument_counts(function)
    if is_unbound:
        least, most = max(least - 1, 0), most - 1
    keyword = needed_keyword(function)
    if keyword is not None:
        return f"its {name} requires the keyword argument {keyword!r}, which calls cannot pass"
    if least <= given <= most:
        return ""
    takes = least if given < least else most
    return f"its {name} takes {counted(takes)}, but {described} has {given}"


def least_arguments(function: Callable[..., Any]) -> float:
    """The number of arguments that a function requires."""
    return argument_counts(function)[0]
