"""Encodes and decodes arguments and results."""

import functools
from collections import deque
from ctypes import byref, c_void_p
from typing import Any, Deque, Dict, Union

import msgpack

from .._abi import native
from .._exceptions import ContractMismatch, Execution, InvalidArgument
from . import large

#: Why a value that contains itself cannot be sent.
NESTS_TOO_DEEP = "deeper than 64, or holds itself"

#: How many encoders, or states of calls, are kept for later use: as many as run at once on one
#: connection by default.
KEPT = 16

# A deque instead of one packer per thread: a Callgate thread can be a new thread to Python in every
# callback, and packing may run Python code that packs.
_packers: Deque[Any] = deque(maxlen=KEPT)

# timestamp=3 decodes timestamps as datetime in UTC.
_OPTIONS = {"raw": False, "strict_map_key": False, "timestamp": 3}

# The first size of an encoder's buffer, which grows as needed. It would begin with 256 KiB.
_FIRST_BYTES = 4096


def _packer_options() -> Dict[str, Any]:
    options: Dict[str, Any] = {"use_bin_type": True, "datetime": True}
    try:
        msgpack.Packer(buf_size=_FIRST_BYTES)
    except TypeError:  # Before version 1.1 of msgpack, the size is fixed.
        return options
    return {**options, "buf_size": _FIRST_BYTES}


#: Creates an encoder for one value after another.
new_packer = functools.partial(msgpack.Packer, **_packer_options())

_unpack = functools.partial(msgpack.unpackb, **_OPTIONS)

#: Creates a decoder for one value after another, of at most max_buffer_size bytes.
new_unpacker = functools.partial(msgpack.Unpacker, **_OPTIONS)


def pack(value: Any) -> large.Encoded:
    """Encodes a value.

    Raises:
        InvalidArgument: The value, or a value inside it, cannot be encoded.
    """
    if large.is_expected and large.is_large(value):
        return pack_large(value)
    return _pack(value)


def pack_large(value: Any) -> large.Encoded:
    """Encodes a value that large.is_large()."""
    try:
        return large.encode(value, _pack)
    except InvalidArgument:
        raise
    except (TypeError, ValueError) as error:
        raise encoding_error(error) from error


def _pack(value: Any) -> bytes:
    try:
        packer = _packers.pop()
    except IndexError:
        packer = new_packer()
    try:
        data: bytes = packer.pack(value)
    except (OverflowError, TypeError, ValueError) as error:
        raise encoding_error(error) from error
    if len(data) <= large.LARGE:
        _packers.append(packer)
    else:
        large.is_expected = True  # And the packer, which keeps its memory, is not kept.
    return data


def encoding_error(error: Exception) -> InvalidArgument:
    """The exception for a value that cannot be encoded."""
    if isinstance(error, OverflowError):
        return InvalidArgument(
            "cannot be encoded: an integer does not fit 64 bits (-2**63 to 2**64-1)"
        )
    if "recursion limit" in str(error):
        return InvalidArgument(f"cannot be encoded: it nests {NESTS_TOO_DEEP}")
    return InvalidArgument(f"cannot be encoded: {error}")


def unpack(data: bytes) -> Any:
    """Decodes MessagePack from a peer, after checking it.

    Raises:
        ContractMismatch: It is malformed, nests deeper than 64, or has no equivalent in Python.
    """
    _check(data, len(data))
    return decode(data)


def decode(data: Union[bytes, memoryview]) -> Any:
    """Decodes MessagePack that C has checked.

    Raises:
        ContractMismatch: It has no equivalent in Python.
    """
    if len(data) > large.LARGE:
        large.is_expected = True
    try:
        return _unpack(data)
    except (ValueError, TypeError, OverflowError, msgpack.UnpackException) as error:
        raise ContractMismatch(f"cannot be decoded: {error}") from error


def unpack_result(address: int, length: int, method: bytes) -> Any:
    """Decodes the result of a method from the memory at an address."""
    try:
        _check(address, length)
        return decode(native.view(address, length))
    except ContractMismatch as error:
        raise decoding_error(method, error) from error.__cause__


def decoding_error(method: bytes, error: ContractMismatch) -> ContractMismatch:
    """The exception for a result that cannot be decoded."""
    refusal = ContractMismatch(f"the result of {method.decode()} {error.message}")
    refusal.execution = Execution.RAN
    return refusal


def _check(data: Union[bytes, int], length: int) -> None:
    """Checks MessagePack, given as bytes or by its address."""
    # False or nested lengths would make the decoder allocate far more than the data's size.
    if native.check_value(data, length, None) == 0:
        return
    error = c_void_p()
    native.check_value(data, length, byref(error))
    try:
        reason = native.read_text(native.error_message, error)
    finally:
        native.error_free(error)
    raise ContractMismatch(f"cannot be decoded: {reason}")
