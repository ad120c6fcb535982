//! Counters
//!
//! Hosts and clients count connections, calls, errors, bytes and latencies. Counting is always on.

use crate::ffi::arguments::Out;
use crate::ffi::errors::error::callgate_error;
use crate::ffi::errors::status::callgate_status;
use crate::ffi::guard::guard;
use crate::ffi::handles;
use crate::ffi::owners::client::callgate_client;
use crate::ffi::owners::host::callgate_host;
use crate::ffi::values::buffer::{self, callgate_buffer};

/// Stores what the host has counted since it was started, as NUL-terminated OpenMetrics text
/// (application/openmetrics-text; version=1.0.0), in `text`. Free it with callgate_buffer_free(). The host must
/// have been started. Latencies are those of the first call of each connection, and then of one call in 17.
#[no_mangle]
pub unsafe extern "C" fn callgate_host_counters(
    host: *const callgate_host,
    text: *mut callgate_buffer,
    error: *mut *mut callgate_error,
) -> callgate_status {
    guard(error, || {
        // SAFETY: the header requires a valid pointer for the result.
        let out = unsafe { Out::new(text, "text")? };
        let counters = handles::get(host)?.host().started()?.host.counters();
        buffer::give_text(out, &counters.open_metrics())
    })
}

/// The same as one MessagePack value: the map that PROTOCOL.md describes as the result of `Counters`. Free it with
/// callgate_buffer_free(). It has all buckets of the latencies; the text has one in four.
#[no_mangle]
pub unsafe extern "C" fn callgate_host_counter_values(
    host: *const callgate_host,
    values: *mut callgate_buffer,
    error: *mut *mut callgate_error,
) -> callgate_status {
    guard(error, || {
        // SAFETY: the header requires a valid pointer for the result.
        let out = unsafe { Out::new(values, "values")? };
        buffer::give_value(out, &handles::get(host)?.host().started()?.host.counters())
    })
}

/// As callgate_host_counters(), for a client, since it was started.
#[no_mangle]
pub unsafe extern "C" fn callgate_client_counters(
    client: *const callgate_client,
    text: *mut callgate_buffer,
    error: *mut *mut callgate_error,
) -> callgate_status {
    guard(error, || {
        // SAFETY: the header requires a valid pointer for the result.
        let out = unsafe { Out::new(text, "text")? };
        let counters = handles::get(client)?.started()?.counters();
        buffer::give_text(out, &counters.open_metrics())
    })
}

/// As callgate_host_counter_values(), for a client.
#[no_mangle]
pub unsafe extern "C" fn callgate_client_counter_values(
    client: *const callgate_client,
    values: *mut callgate_buffer,
    error: *mut *mut callgate_error,
) -> callgate_status {
    guard(error, || {
        // SAFETY: the header requires a valid pointer for the result.
        let out = unsafe { Out::new(values, "values")? };
        buffer::give_value(out, &handles::get(client)?.started()?.counters())
    })
}
