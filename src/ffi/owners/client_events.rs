//! Connection events of a client
//!
//! A client runs its handlers on its own thread, one at a time, for each connection that begins or ends.
//! Add them before starting the client. user_data is released once the client is closed or freed and the
//! last invocation has returned.

use std::ffi::c_void;

use crate::ffi::callback::{callgate_free_fn, Callback};
use crate::ffi::errors::error::callgate_error;
use crate::ffi::errors::status::callgate_status;
use crate::ffi::owners::client::callgate_client;
use crate::ffi::owners::host_events::{
    callgate_connected_fn, callgate_disconnected_fn, connected_handler, disconnected_handler,
};
use crate::ffi::owners::setup::register;

/// Adds a handler that runs when the client first connects.
#[no_mangle]
pub unsafe extern "C" fn callgate_client_add_connected_handler(
    client: *mut callgate_client,
    handler: callgate_connected_fn,
    user_data: *mut c_void,
    user_data_free: callgate_free_fn,
    error: *mut *mut callgate_error,
) -> callgate_status {
    let handler = Callback::new("handler", handler, user_data, user_data_free);
    register(client, handler, error, |builder, handler| {
        builder.connected(connected_handler(handler))
    })
}

/// Adds a handler that runs after each reconnect; callgate_connection_generation() counts the connections.
#[no_mangle]
pub unsafe extern "C" fn callgate_client_add_reconnected_handler(
    client: *mut callgate_client,
    handler: callgate_connected_fn,
    user_data: *mut c_void,
    user_data_free: callgate_free_fn,
    error: *mut *mut callgate_error,
) -> callgate_status {
    let handler = Callback::new("handler", handler, user_data, user_data_free);
    register(client, handler, error, |builder, handler| {
        builder.reconnected(connected_handler(handler))
    })
}

/// Adds a handler that runs once for each connection that has ended, with the reason, after the handlers
/// for its beginning have returned.
#[no_mangle]
pub unsafe extern "C" fn callgate_client_add_disconnected_handler(
    client: *mut callgate_client,
    handler: callgate_disconnected_fn,
    user_data: *mut c_void,
    user_data_free: callgate_free_fn,
    error: *mut *mut callgate_error,
) -> callgate_status {
    let handler = Callback::new("handler", handler, user_data, user_data_free);
    register(client, handler, error, |builder, handler| {
        builder.disconnected(disconnected_handler(handler))
    })
}
