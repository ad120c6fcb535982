"""The functions of C, as include/callgate.h declares them."""

import ctypes
from ctypes import (
    POINTER,
    c_bool,
    c_char_p,
    c_int,
    c_int32,
    c_int64,
    c_size_t,
    c_ssize_t,
    c_uint64,
    c_void_p,
)
from typing import Any, cast

from .._exceptions import InvalidArgument
from .library import library, quick
from .structs import (
    Buffer,
    CallOptions,
    Cancelled,
    ClientOptions,
    Completion,
    Connected,
    Disconnected,
    ErrorParts,
    Faults,
    Free,
    Handle,
    HostOptions,
    Initialise,
    Invoke,
    MakeDelegate,
    MakeDuplex,
    Place,
)


def _declare(where: ctypes.CDLL, function_name: str, result: Any, *arguments: Any) -> Any:
    function = getattr(where, "callgate_" + function_name)
    function.restype = result
    function.argtypes = arguments
    return function


def _fallible(function_name: str, *arguments: Any) -> Any:
    return _declare(library, function_name, c_int32, *arguments, Place)


def _text(function_name: str, *arguments: Any) -> Any:
    return _declare(quick, function_name, c_void_p, *arguments, POINTER(c_size_t))


def _quick(function_name: str, result: Any, *arguments: Any) -> Any:
    return _declare(quick, function_name, result, *arguments)


def _free(function_name: str) -> Any:
    # Freeing the last handle may run callbacks, so it must release the GIL.
    return _declare(library, function_name, None, Handle)


version = _quick("version", c_char_p)

error_status = _quick("error_status", c_int32, Handle)
error_execution = _quick("error_execution", c_int32, Handle)
error_message = _text("error_message", Handle)
error_type_name = _text("error_type_name", Handle)
error_trace = _text("error_trace", Handle)
error_data = _text("error_data", Handle)
error_os_code = _quick("error_os_code", c_int32, Handle)
error_cause = _quick("error_cause", Handle, Handle)
error_free = _quick("error_free", None, Handle)
error_new = _declare(quick, "error_new", c_int32, POINTER(ErrorParts), Place, Place)

buffer_free = _quick("buffer_free", None, POINTER(Buffer))
check_value = _declare(quick, "check_value", c_int32, c_void_p, c_size_t, Place)

connection_id = _quick("connection_id", c_uint64, Handle)
connection_is_same = _quick("connection_is_same", c_bool, Handle, Handle)
connection_generation = _quick("connection_generation", c_uint64, Handle)
connection_is_open = _quick("connection_is_open", c_bool, Handle)
connection_peer_user = _text("connection_peer_user", Handle)
# It may wait for a server, so it must release the GIL.
connection_peer_user_name = _declare(
    library, "connection_peer_user_name", c_void_p, Handle, POINTER(c_size_t)
)
connection_peer_uid = _quick("connection_peer_uid", c_int64, Handle)
connection_peer_gid = _quick("connection_peer_gid", c_int64, Handle)
connection_peer_pid = _quick("connection_peer_pid", c_int64, Handle)
connection_peer_address = _text("connection_peer_address", Handle)
connection_peer_key = _text("connection_peer_key", Handle)
connection_peer_common_name = _text("connection_peer_common_name", Handle)
connection_peer_names = _text("connection_peer_names", Handle)
connection_flush = _fallible("connection_flush", Handle, c_int64)
connection_close = _fallible("connection_close", Handle)
connection_clone = _fallible("connection_clone", Handle, Place)
connection_free = _free("connection_free")

call_method = _quick("call_method", c_char_p, Handle, c_void_p)
call_signature = _text("call_signature", Handle)
call_is_one_way = _quick("call_is_one_way", c_bool, Handle)
call_time_left_ms = _quick("call_time_left_ms", c_int64, Handle)
call_is_cancelled = _quick("call_is_cancelled", c_bool, Handle)
call_wait_cancelled = _declare(library, "call_wait_cancelled", c_bool, Handle, c_int64)
call_on_cancelled = _declare(
    quick, "call_on_cancelled", c_int32, Handle, Cancelled, c_void_p, Free, c_void_p, Place
)
call_metadata_count = _quick("call_metadata_count", c_size_t, Handle)
call_metadata_key = _text("call_metadata_key", Handle, c_size_t)
call_metadata_value = _text("call_metadata_value", Handle, c_size_t)
call_interface = _text("call_interface", Handle)
call_connection = _quick("call_connection", Handle, Handle)
call_reply = _declare(library, "call_reply", c_int32, Handle, c_char_p, c_size_t, c_void_p)
call_fail_with = _fallible("call_fail_with", Handle, Handle)
call_fail_no_such_method = _fallible("call_fail_no_such_method", Handle)
call_defer = _fallible("call_defer", Handle, Place)
call_free = _free("call_free")

host_new = _fallible("host_new", POINTER(HostOptions), Place)
host_add_endpoint = _fallible("host_add_endpoint", Handle, c_char_p)
host_add_delegate_factory = _fallible(
    "host_add_delegate_factory", Handle, MakeDelegate, c_void_p, Free
)
host_add_duplex_delegate_factory = _fallible(
    "host_add_duplex_delegate_factory", Handle, c_char_p, c_char_p, MakeDuplex, c_void_p, Free
)
host_add_interface_alias = _fallible("host_add_interface_alias", Handle, c_char_p, c_char_p)
host_add_ordered_interface = _fallible("host_add_ordered_interface", Handle, c_char_p)
host_add_client_connected_handler = _fallible(
    "host_add_client_connected_handler", Handle, Connected, c_void_p, Free
)
host_add_client_disconnected_handler = _fallible(
    "host_add_client_disconnected_handler", Handle, Disconnected, c_void_p, Free
)
host_add_description = _fallible("host_add_description", Handle, c_char_p, c_size_t)
host_add_interface_name = _fallible("host_add_interface_name", Handle, c_char_p)
host_start = _fallible("host_start", Handle)
host_endpoint_count = _quick("host_endpoint_count", c_size_t, Handle)
host_endpoint = _text("host_endpoint", Handle, c_size_t)
host_connections = _fallible(
    "host_connections", Handle, POINTER(Handle), c_size_t, POINTER(c_size_t)
)
host_counters = _fallible("host_counters", Handle, POINTER(Buffer))
host_counter_values = _fallible("host_counter_values", Handle, POINTER(Buffer))
host_close = _fallible("host_close", Handle, c_int64)
host_wait = _fallible("host_wait", Handle, c_int64)
host_free = _free("host_free")

client_new = _fallible("client_new", c_char_p, POINTER(ClientOptions), Place)
client_add_callback_handler = _fallible(
    "client_add_callback_handler", Handle, c_char_p, Invoke, c_void_p, Free
)
client_add_interface_alias = _fallible("client_add_interface_alias", Handle, c_char_p, c_char_p)
client_add_connected_handler = _fallible(
    "client_add_connected_handler", Handle, Connected, c_void_p, Free
)
client_add_reconnected_handler = _fallible(
    "client_add_reconnected_handler", Handle, Connected, c_void_p, Free
)
client_add_disconnected_handler = _fallible(
    "client_add_disconnected_handler", Handle, Disconnected, c_void_p, Free
)
client_start = _fallible("client_start", Handle)
client_wait_connected = _fallible("client_wait_connected", Handle, c_int64)
client_connection = _fallible("client_connection", Handle, Place)
client_counters = _fallible("client_counters", Handle, POINTER(Buffer))
client_counter_values = _fallible("client_counter_values", Handle, POINTER(Buffer))
client_flush = _fallible("client_flush", Handle, c_int64)
client_close = _fallible("client_close", Handle, c_int64)
client_wait = _fallible("client_wait", Handle, c_int64)
client_free = _free("client_free")

#: The `invoke` of delegates and callback handlers whose user data is a FastDelegate.
fast_invoke = Invoke(ctypes.cast(library.callgate_fast_invoke, c_void_p).value or 0)
thread_buffer = _quick("thread_buffer", None, c_void_p, c_size_t)
thread_is_own = _quick("thread_is_own", c_bool)

cancel_token_new = _declare(quick, "cancel_token_new", c_int32, Place, Place)
cancel_token_cancel = _fallible("cancel_token_cancel", Handle)
cancel_token_is_cancelled = _quick("cancel_token_is_cancelled", c_bool, Handle)
cancel_token_free = _free("cancel_token_free")

proxy_new = _fallible("proxy_new", Handle, c_char_p, Place)
proxy_new_initialised = _fallible(
    "proxy_new_initialised", Handle, c_char_p, Initialise, c_void_p, Free, Place
)
proxy_clone = _fallible("proxy_clone", Handle, Place)
connection_proxy = _fallible("connection_proxy", Handle, c_char_p, Place)
# The hot path: the state as a number, which is the fastest to pass.
fast_call = _declare(library, "fast_call", c_int64, Handle, c_char_p, c_char_p, c_size_t, c_void_p)
proxy_one_way = _fallible(
    "proxy_one_way", Handle, c_char_p, c_char_p, c_size_t, POINTER(CallOptions)
)
# It never waits, and releasing the GIL would let a completion take it after each start.
proxy_start = _declare(
    quick,
    "proxy_start",
    c_int32,
    Handle,
    c_char_p,
    c_char_p,
    c_size_t,
    POINTER(CallOptions),
    Completion,
    c_void_p,
    Free,
    Place,
)
proxy_describe = _declare(quick, "proxy_describe", c_int32, Handle, c_char_p, c_size_t, Place)
proxy_verify = _fallible("proxy_verify", Handle, POINTER(CallOptions))
proxy_free = _free("proxy_free")

relay_start = _fallible("relay_start", c_char_p, c_char_p, POINTER(Faults), Place)
relay_endpoint = _text("relay_endpoint", Handle)
relay_set_faults = _fallible("relay_set_faults", Handle, POINTER(Faults))
relay_connection_count = _quick("relay_connection_count", c_uint64, Handle)
relay_cut = _fallible("relay_cut", Handle)
relay_free = _free("relay_free")


def name(text: str) -> bytes:
    """A name as NUL-free UTF-8."""
    if not isinstance(text, str):
        raise InvalidArgument(f"a name must be a str, not {text!r}")
    made = text.encode()
    if b"\0" in made:
        raise InvalidArgument(f"a name must not contain NUL: {text!r}")
    return made


def endpoint_name(endpoint: str) -> bytes:
    """An endpoint as NUL-free UTF-8."""
    if not isinstance(endpoint, str):
        raise InvalidArgument(f"an endpoint must be a str such as 'pipe://name', not {endpoint!r}")
    return name(endpoint)


_view = ctypes.pythonapi.PyMemoryView_FromMemory
_view.restype, _view.argtypes = ctypes.py_object, (c_void_p, c_ssize_t, c_int)
_READ = 0x100


def view(address: int, length: int) -> memoryview:
    """The memory at an address, without a copy. It must stay valid as long as the view is used."""
    return cast(memoryview, _view(address, length, _READ))


def read_text(function: Any, *arguments: Any) -> str:
    """Calls a function that returns text, and copies the text."""
    return read_bytes(function, *arguments).decode("utf-8", "replace")


def read_bytes(function: Any, *arguments: Any) -> bytes:
    """Calls a function that returns bytes, and copies them."""
    length = c_size_t()
    data = function(*arguments, ctypes.byref(length))
    return ctypes.string_at(data, length.value) if length.value else b""
