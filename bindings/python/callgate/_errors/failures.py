"""Converts errors of the C library to exceptions, and exceptions to errors of the C library."""

import ctypes
import traceback
from ctypes import byref, c_void_p
from enum import IntEnum
from typing import Any, Optional, Type

from .._abi import native, structs, system
from .._exceptions import (
    CLASSES,
    ContractMismatch,
    Error,
    Execution,
    InvalidArgument,
    RemoteError,
    Status,
)
from .._frames import of_program
from .._values import messagepack
from .exception_types import ExceptionTypes


def check(function: Any, *arguments: Any) -> None:
    """Calls a C function whose last parameter receives an error, and raises the error."""
    place = c_void_p()
    if function(*arguments, byref(place)):
        raise take(place)


def make(function: Any, *arguments: Any) -> int:
    """Calls a C function whose last parameters receive a new handle and an error."""
    made = c_void_p()
    check(function, *arguments, byref(made))
    assert made.value is not None
    return made.value


def take(place: c_void_p) -> Error:
    """Converts an error to an exception, and frees the error."""
    try:
        return read(place.value)
    finally:
        native.error_free(place)
        place.value = None


def read(handle: Optional[int]) -> Error:
    """Converts an error, which the caller still owns, to an exception."""
    status = native.error_status(handle)
    message = native.read_text(native.error_message, handle)
    kind = CLASSES.get(status, Error)
    error = _read_remote(handle, message) if kind is RemoteError else kind(message)
    error.status = _known(Status, status)
    error.execution = _known(Execution, native.error_execution(handle))
    error.os_code = native.error_os_code(handle)
    if error.os_code and isinstance(error, OSError):
        system.set_code(error, error.os_code)
    cause = native.error_cause(handle)
    if cause is not None:
        error.cause = error.__cause__ = read(cause)
    return error


def _read_remote(handle: Optional[int], message: str) -> RemoteError:
    type_name = native.read_text(native.error_type_name, handle)
    trace = native.read_text(native.error_trace, handle)
    data = native.read_bytes(native.error_data, handle)
    try:
        value = messagepack.unpack(data) if data else None
    except ContractMismatch:
        value = None  # The error itself matters more than its data.
    return RemoteError(type_name, message, trace, value)


def known_status(number: int) -> int:
    """A status as a Status; a number that this version does not know as it is."""
    return _known(Status, number)


def _known(kind: Type[IntEnum], number: int) -> int:
    try:
        return kind(number)
    except ValueError:
        return number


def store_error(
    raised: BaseException,
    place: Any,
    execution: Execution,
    known: ExceptionTypes,
    traces: bool,
    keep: Type[Error] = ContractMismatch,
) -> int:
    """Stores an exception of the program as the error of a callback; returns the status."""
    place[0] = to_error(raised, execution, known, traces, keep)
    return int(Status.REMOTE_ERROR)


def to_error(
    raised: BaseException,
    execution: Execution,
    known: ExceptionTypes,
    traces: bool,
    keep: Type[Error] = ContractMismatch,
) -> Optional[int]:
    """Converts an exception of the program to an error, which the caller frees.

    Exceptions of the class `keep` keep their status. All others become remote errors, with the
    type name that is registered for them, and with a trace if `traces` is true.
    """
    parts = structs.ErrorParts(struct_size=ctypes.sizeof(structs.ErrorParts))
    if isinstance(raised, keep) and not isinstance(raised, RemoteError):
        parts.status = raised.status
        parts.execution = execution
        message = _utf8(raised.message)
    else:
        remote = raised if isinstance(raised, RemoteError) else _remote(raised, known, traces)
        message = _describe(remote, parts, traces)
    parts.message = message
    parts.message_length = len(message)
    place = c_void_p()
    native.error_new(byref(parts), byref(place), None)
    return place.value


def _describe(error: RemoteError, parts: structs.ErrorParts, traces: bool) -> bytes:
    parts.status = Status.REMOTE_ERROR
    parts.type_name = _utf8(error.type_name)
    # A RemoteError may have the trace of another process.
    trace = _utf8(error.trace) if traces else b""
    if error.data is not None:
        try:
            parts.data = data = messagepack.pack(error.data)
            parts.data_length = len(data)
        except InvalidArgument as refused:
            # The error itself matters more than its data.
            trace += _utf8(f"\n(its data {refused})")
    parts.trace = trace
    parts.trace_length = len(trace)
    return _utf8(error.message)


def _remote(raised: BaseException, known: ExceptionTypes, traces: bool) -> RemoteError:
    kind = type(raised)
    name, data = known.name_of(raised), None
    if name is not None:
        data = getattr(raised, "data", None)
    else:
        plain = kind.__module__ == "builtins"
        name = kind.__qualname__ if plain else f"{kind.__module__}.{kind.__qualname__}"
    try:
        message = _message(raised)
    except Exception as failure:
        message = f"(no message: str() of the exception raised {type(failure).__name__})"
    return RemoteError(name, message, _trace(raised) if traces else "", data)


def _trace(raised: BaseException) -> str:
    frames = of_program(raised.__traceback__)
    return "".join(traceback.format_exception(type(raised), raised, frames))


def _message(raised: BaseException) -> str:
    # str() of a KeyError is the repr() of its key, with quotes around a text.
    if type(raised).__str__ is KeyError.__str__ and len(raised.args) == 1:
        return str(raised.args[0])
    return str(raised)


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "backslashreplace")
