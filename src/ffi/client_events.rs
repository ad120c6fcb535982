//! Connections of a client
//!
//! A client tells its handlers of each connection that it comes to have, on its own thread, one at a
//! time. They are added before the client is started. user_data is released once the client is closed
//! or freed and the last invocation is over.

use std::ffi::c_void;

use super::callback::{callgate_free_fn, Callback};
use super::client::callgate_client;
use super::error::callgate_error;
use super::host_events::{
    callgate_connected_fn, callgate_disconnected_fn, connected_handler, disconnected_handler,
};
use super::startable::register;
use super::status::callgate_status;

/// Adds a handler that is told when the client is connected for the first time.
#[no_mangle]
pub unsafe extern "C" fn callgate_client_on_connected(
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

/// Adds a handler that is told each time that the client is connected again;
/// callgate_connection_generation() tells how often it was.
#[no_mangle]
pub unsafe extern "C" fn callgate_client_on_reconnected(
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

/// Adds a handler that is told once of each connection that has ended, and why, after the handlers
/// that were told of its beginning have returned.
#[no_mangle]
pub unsafe extern "C" fn callgate_client_on_disconnected(
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
