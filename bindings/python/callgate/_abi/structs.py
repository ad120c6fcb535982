"""The structs and callbacks of C, as include/callgate.h declares them."""

from ctypes import (
    CFUNCTYPE,
    POINTER,
    Structure,
    c_bool,
    c_char_p,
    c_int32,
    c_int64,
    c_size_t,
    c_uint8,
    c_uint32,
    c_uint64,
    c_void_p,
)

# Handles are opaque.
Handle = c_void_p
Place = POINTER(c_void_p)

Free = Cancelled = CFUNCTYPE(None, c_void_p)
Check = CFUNCTYPE(c_bool, c_void_p)
Invoke = Connected = CFUNCTYPE(None, c_void_p, Handle)
Serve = CFUNCTYPE(c_int64, c_void_p, Handle, c_char_p, c_void_p, c_size_t)
Disconnected = CFUNCTYPE(None, c_void_p, Handle, Handle)


class ErrorParts(Structure):
    """callgate_error_parts."""

    _fields_ = [
        ("struct_size", c_size_t),
        ("status", c_int32),
        ("execution", c_int32),
        ("type_name", c_char_p),
        ("message", c_char_p),
        ("message_length", c_size_t),
        ("trace", c_char_p),
        ("trace_length", c_size_t),
        ("data", c_char_p),
        ("data_length", c_size_t),
    ]


class Limits(Structure):
    """callgate_limits."""

    _fields_ = [
        ("struct_size", c_size_t),
        ("frame_bytes", c_size_t),
        ("inbound_bytes", c_size_t),
        ("host_inbound_bytes", c_size_t),
        ("inbound_calls", c_size_t),
        ("running_calls", c_size_t),
        ("nested_calls", c_size_t),
        ("nesting_depth", c_size_t),
        ("interfaces", c_size_t),
        ("connections", c_size_t),
        ("connections_per_user", c_size_t),
        ("handshakes", c_size_t),
        ("send_queue_bytes", c_size_t),
        ("handshake_timeout_ms", c_int64),
        ("connection_timeout_ms", c_int64),
        ("call_timeout_ms", c_int64),
        ("write_timeout_ms", c_int64),
        ("drain_timeout_ms", c_int64),
        ("ping_after_ms", c_int64),
        ("ping_timeout_ms", c_int64),
        ("spin_us", c_int64),
        ("reconnect_backoff_min_ms", c_int64),
        ("reconnect_backoff_max_ms", c_int64),
        ("no_parts", c_uint8),
    ]


class LogEvent(Structure):
    """callgate_log_event."""

    _fields_ = [
        ("struct_size", c_size_t),
        ("level", c_int32),
        ("status", c_int32),
        ("target", c_char_p),
        ("message", c_void_p),
        ("message_length", c_size_t),
        ("connection", c_uint64),
        ("peer_user", c_char_p),
        ("peer_pid", c_int64),
        ("endpoint", c_char_p),
        ("interface_name", c_char_p),
        ("method", c_char_p),
        ("count", c_uint64),
    ]


Log = CFUNCTYPE(None, c_void_p, POINTER(LogEvent))


class OwnerOptions(Structure):
    """What callgate_host_options and callgate_client_options begin with."""

    _fields_ = [
        ("struct_size", c_size_t),
        ("limits", POINTER(Limits)),
        ("log", Log),
        ("log_user_data", c_void_p),
        ("log_user_data_free", Free),
    ]


class Trace(Structure):
    """callgate_trace."""

    _fields_ = [
        ("struct_size", c_size_t),
        ("file", c_char_p),
        ("limit", c_uint64),
        ("payloads", c_uint8),
    ]


class HostOptions(OwnerOptions):
    """callgate_host_options."""

    _fields_ = [("no_host_interface", c_uint8), ("trace", POINTER(Trace))]


class ClientOptions(OwnerOptions):
    """callgate_client_options."""

    _fields_ = [
        ("host_user", c_char_p),
        ("verify", c_int32),
        ("shuffle_endpoints", c_uint8),
        ("trace", POINTER(Trace)),
    ]


class Buffer(Structure):
    """callgate_buffer."""

    _fields_ = [("data", c_void_p), ("length", c_size_t), ("owner", c_void_p)]


class Metadata(Structure):
    """callgate_metadata."""

    _fields_ = [("key", c_char_p), ("value", c_char_p), ("value_length", c_size_t)]


class Faults(Structure):
    """callgate_faults."""

    _fields_ = [
        ("struct_size", c_size_t),
        ("seed", c_uint64),
        ("connections", c_uint64),
        ("delay_us", c_uint64),
        ("cut_min", c_uint64),
        ("cut_max", c_uint64),
        ("silence_min", c_uint64),
        ("silence_max", c_uint64),
        ("corrupt_min", c_uint64),
        ("corrupt_max", c_uint64),
        ("lose_min", c_uint64),
        ("lose_max", c_uint64),
        ("direction", c_uint32),
        ("byte_wise", c_uint8),
    ]


class CallOptions(Structure):
    """callgate_call_options."""

    _fields_ = [
        ("struct_size", c_size_t),
        ("timeout_ms", c_int64),
        ("signature", c_char_p),
        ("metadata", POINTER(Metadata)),
        ("metadata_count", c_size_t),
        ("cancel", Handle),
        ("check", Check),
        ("check_user_data", c_void_p),
        ("parent", Handle),
    ]


class FastCallState(Structure):
    """callgate_fast_call_state."""

    _fields_ = [
        ("options", c_void_p),
        ("buffer", c_void_p),
        ("capacity", c_size_t),
        ("reply", Buffer),
        ("error", c_void_p),
    ]


class FastDelegate(Structure):
    """callgate_fast_delegate."""

    _fields_ = [("serve", Serve), ("user_data", c_void_p)]


class Delegate(Structure):
    """callgate_delegate."""

    _fields_ = [("invoke", Invoke), ("user_data", c_void_p), ("user_data_free", Free)]


MakeDelegate = CFUNCTYPE(c_int32, c_void_p, c_char_p, Handle, POINTER(Delegate), Place)
# The reply as an address, which is faster than a pointer.
Completion = CFUNCTYPE(None, c_void_p, c_int32, c_void_p, Handle)
Initialise = CFUNCTYPE(c_int32, c_void_p, Handle, Place)
MakeDuplex = CFUNCTYPE(c_int32, c_void_p, Handle, Handle, POINTER(Delegate), Place)
