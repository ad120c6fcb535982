//! Connection events

use std::ffi::c_void;

use crate::ffi::callback::Callback;
use crate::ffi::errors::error::callgate_error;
use crate::ffi::handles::borrowed::BorrowedHandle;
use crate::ffi::owners::connection::callgate_connection;
use crate::{Connection, Error, Result};

/// Runs when a connection has been established; the connection is borrowed until it returns. A host runs it
/// before it serves any call of that client, on the connection's thread, for several connections at once. A
/// client runs it on the client's thread. It may block, which delays the client. It may call any Callgate
/// function, and may close anything.
pub type callgate_connected_fn =
    Option<unsafe extern "C" fn(user_data: *mut c_void, connection: *mut callgate_connection)>;

/// Runs when a connection has ended, with the reason; both are borrowed until it returns. A host runs it on
/// the connection's thread, for several connections at once. A client runs it on the client's thread, and
/// reconnects after it returns. It may block. It may call any Callgate function, and may close anything.
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

pub(in crate::ffi) fn connected_handler(
    handler: Callback<Connected>,
) -> impl Fn(&Connection) + Send + Sync + 'static {
    move |connection: &Connection| {
        // If no handle is available, the handler cannot be called.
        if let Ok(connection) = lend(connection) {
            // SAFETY: as the header describes it.
            unsafe { (handler.function)(handler.user_data(), connection.handle()) }
        }
    }
}

pub(in crate::ffi) fn disconnected_handler(
    handler: Callback<Disconnected>,
) -> impl Fn(&Connection, &Error) + Send + Sync + 'static {
    move |connection: &Connection, reason: &Error| {
        let reason = BorrowedHandle::new(callgate_error::new(reason.clone()));
        if let (Ok(connection), Ok(reason)) = (lend(connection), reason) {
            // SAFETY: as the header describes it.
            unsafe { (handler.function)(handler.user_data(), connection.handle(), reason.handle()) }
        }
    }
}

fn lend(connection: &Connection) -> Result<BorrowedHandle<callgate_connection>> {
    BorrowedHandle::new(callgate_connection::new(connection.clone()))
}
