"""Arguments and results as MessagePack."""

import functools
from ctypes import byref, c_void_p
from typing import Any, List

import msgpack

from .._abi import native
from .._exceptions import ContractMismatch, Execution, InvalidArgument

# A packer beyond this size is not kept: it would hold on to its memory.
KEPT_BYTES = 1 << 20

#: What is told of a value that has no end.
NESTS_TOO_DEEP = "deeper than 64, or holds itself"

# A list, and not one packer for each thread: threads of the library are new to Python in every
# callback, and packing may run Python code that packs.
_packers: List[Any] = []

# A timestamp of 3 is a datetime, in UTC.
_OPTIONS = {"raw": False, "strict_map_key": False, "timestamp": 3}

#: Makes what encodes one value after the other.
new_packer = functools.partial(msgpack.Packer, use_bin_type=True, datetime=True)

_unpack = functools.partial(msgpack.unpackb, **_OPTIONS)

#: Makes what decodes one value after the other, of so many bytes at most.
new_unpacker = functools.partial(msgpack.Unpacker, **_OPTIONS)


def pack(value: Any) -> bytes:
    """Makes MessagePack of a value.

    Raises:
        InvalidArgument: The value, or one within it, has no MessagePack.
    """
    try:
        packer = _packers.pop()
    except IndexError:
        packer = new_packer()
    try:
        data: bytes = packer.pack(value)
    except (OverflowError, TypeError, ValueError) as error:
        raise refused_value(error) from error
    if len(data) <= KEPT_BYTES:
        _packers.append(packer)
    return data


def refused_value(error: Exception) -> InvalidArgument:
    """What is told of a value that has no MessagePack."""
    if isinstance(error, OverflowError):
        return InvalidArgument(
            "an integer is beyond 64 bits: it must be -2**63 at least and 2**64-1 at most"
        )
    if "recursion limit" in str(error):
        return InvalidArgument(f"cannot be encoded: it nests {NESTS_TOO_DEEP}")
    return InvalidArgument(f"cannot be encoded: {error}")


def unpack(data: bytes) -> Any:
    """Makes a value of MessagePack, which comes from a peer and may be anything.

    Raises:
        ContractMismatch: It is not MessagePack, nests deeper than 64, or has no value in Python.
    """
    # Lengths that lie, or nest, would make the decoder allocate far more than there is.
    if native.check_value(data, len(data), None):
        raise ContractMismatch(f"cannot be decoded: {_reason(data)}")
    return decode(data)


def decode(data: bytes) -> Any:
    """Makes a value of MessagePack that C has checked.

    Raises:
        ContractMismatch: It has no value in Python.
    """
    try:
        return _unpack(data)
    except (ValueError, TypeError, OverflowError, msgpack.UnpackException) as error:
        raise ContractMismatch(f"cannot be decoded: {error}") from error


def unpack_result(data: bytes, method: bytes) -> Any:
    """Makes a value of what a method has returned."""
    try:
        return unpack(data)
    except ContractMismatch as error:
        raise refused_result(method, error) from error.__cause__


def refused_result(method: bytes, error: ContractMismatch) -> ContractMismatch:
    """What a caller is told of a result that has no value in Python."""
    refusal = ContractMismatch(f"the result of {method.decode()} {error.message}")
    refusal.execution = Execution.RAN
    return refusal


def _reason(data: bytes) -> str:
    """Why it is refused."""
    place = c_void_p()
    native.check_value(data, len(data), byref(place))
    try:
        return native.read_text(native.error_message, place)
    finally:
        native.error_free(place)
