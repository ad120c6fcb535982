//! Connections that come and go

use std::ffi::c_void;

use super::callback::Callback;
use super::connection::callgate_connection;
use super::error::callgate_error;
use super::lent::Lent;
use crate::{Connection, Error, Result};

/// Runs when a connection has begun, which is borrowed until it returns. A host's handler runs
/// before any call of that client is served, on the connection's thread, for several connections at
/// once; a client's runs on the client's thread. It may wait, which makes the client wait, may call any
/// function of Callgate, and may close anything.
pub type callgate_connected_fn =
    Option<unsafe extern "C" fn(user_data: *mut c_void, connection: *mut callgate_connection)>;

/// Runs when a connection has ended, with the reason; both are borrowed until it returns. A host's
/// handler runs on the connection's thread, for several connections at once; a client's on the client's
/// thread, which connects again when it has returned. It may wait, may call any function of Callgate, and
/// may close anything.
pub type callgate_disconnected_fn = Option<
    unsafe extern "C" fn(
        user_data: *mut c_void,
        connection: *mut callgate_connection,
        reason: *const callgate_error,
    ),
>;

type Connected = unsafe extern "C" fn(*mut c_void, *mut callgate_connection);
type Disconnected =
    unsafe extern "C" fn(*mut c_void, *mut callgate_connection, *const callgate_error);

pub(super) fn connected_handler(
    handler: Callback<Connected>,
) -> impl Fn(&Connection) + Send + Sync + 'static {
    move |connection: &Connection| {
        // Without handles left there is no way to tell of it.
        if let Ok(connection) = lend(connection) {
            // SAFETY: as the header describes it.
            unsafe { (handler.function)(handler.user_data(), connection.handle()) }
        }
    }
}

pub(super) fn disconnected_handler(
    handler: Callback<Disconnected>,
) -> impl Fn(&Connection, &Error) + Send + Sync + 'static {
    move |connection: &Connection, reason: &Error| {
        let reason = Lent::new(callgate_error::new(reason.clone()));
        if let (Ok(connection), Ok(reason)) = (lend(connection), reason) {
            // SAFETY: as the header describes it.
            unsafe { (handler.function)(handler.user_data(), connection.handle(), reason.handle()) }
        }
    }
}

fn lend(connection: &Connection) -> Result<Lent<callgate_connection>> {
    Lent::new(callgate_connection::new(connection.clone()))
}
