//! Connections
//!
//! One established conversation between a client and a host. A callback borrows its connection until it
//! returns; callgate_connection_clone() makes a handle to keep. A kept handle does not keep the connection
//! open. Any number of threads may use a connection.

use std::ffi::c_char;

use once_cell::sync::OnceCell;

use crate::ffi::arguments::Out;
use crate::ffi::errors::error::callgate_error;
use crate::ffi::errors::status::callgate_status;
use crate::ffi::guard::{guard, guard_value};
use crate::ffi::handles::{self, Object};
use crate::ffi::timeout;
use crate::ffi::values::text::{hand_out, Text};
use crate::transport::{Certificate, Peer, User};
use crate::Connection;

/// One established conversation between a client and a host.
pub struct callgate_connection {
    connection: Connection,
    address: OnceCell<Text>,
    user: OnceCell<Text>,
    user_name: OnceCell<Text>,
    key: OnceCell<Text>,
    common_name: OnceCell<Text>,
    names: OnceCell<Text>,
}

impl Object for callgate_connection {
    const KIND: &'static str = "a connection";
}

impl callgate_connection {
    pub(in crate::ffi) fn new(connection: Connection) -> callgate_connection {
        callgate_connection {
            connection,
            address: OnceCell::new(),
            user: OnceCell::new(),
            user_name: OnceCell::new(),
            key: OnceCell::new(),
            common_name: OnceCell::new(),
            names: OnceCell::new(),
        }
    }

    pub(in crate::ffi) fn connection(&self) -> &Connection {
        &self.connection
    }

    fn address(&self) -> &Text {
        self.address.get_or_init(|| text_of(self.connection.peer().address))
    }

    fn user(&self) -> &Text {
        self.user.get_or_init(|| text_of(self.connection.peer().user.as_ref()))
    }

    fn user_name(&self) -> &Text {
        self.user_name
            .get_or_init(|| text_of(self.connection.peer().user.as_ref().and_then(User::name)))
    }
}

impl callgate_connection {
    fn certificate(&self) -> Option<&Certificate> {
        self.connection.peer().certificate.as_ref()
    }

    fn key(&self) -> &Text {
        self.key.get_or_init(|| text_of(self.certificate().map(|certificate| certificate.key)))
    }

    fn common_name(&self) -> &Text {
        let name = || self.certificate().and_then(|certificate| certificate.common_name.as_ref());
        self.common_name.get_or_init(|| text_of(name()))
    }

    fn names(&self) -> &Text {
        let names = || self.certificate().map(|certificate| certificate.names.join("\n"));
        self.names.get_or_init(|| text_of(names()))
    }
}

fn text_of(value: Option<impl ToString>) -> Text {
    Text::new(&value.map(|value| value.to_string()).unwrap_or_default())
}

fn look<T: Copy>(
    connection: *const callgate_connection,
    fallback: T,
    at: impl FnOnce(&Connection) -> T,
) -> T {
    guard_value(fallback, || {
        let found = handles::look_up(connection);
        found.map_or(fallback, |object| at(&object.connection))
    })
}

fn text_or_empty(
    connection: *const callgate_connection,
    length: *mut usize,
    text: impl FnOnce(&callgate_connection) -> &Text,
) -> *const c_char {
    guard_value(c"".as_ptr(), || {
        // SAFETY: the header requires NULL or a valid pointer for the length.
        let length = unsafe { Out::optional(length) };
        let object = handles::look_up(connection);
        hand_out(object.as_ref().map(|object| text(object)), length)
    })
}

fn id_or_none(
    connection: *const callgate_connection,
    id: impl FnOnce(&Peer) -> Option<u32>,
) -> i64 {
    look(connection, -1, |connection| id(connection.peer()).map_or(-1, i64::from))
}

/// The connection's number, used in the logs of both sides; 0 for an invalid handle. The host's process
/// assigns it, so connections of one client process to two hosts can have the same number.
#[no_mangle]
pub unsafe extern "C" fn callgate_connection_id(connection: *const callgate_connection) -> u64 {
    look(connection, 0, Connection::id)
}

/// Whether two handles refer to the same end of the same connection; false if either is invalid. Comparing
/// their numbers is not enough, since each host's process assigns its own.
#[no_mangle]
pub unsafe extern "C" fn callgate_connection_is_same(
    connection: *const callgate_connection,
    other: *const callgate_connection,
) -> bool {
    look(connection, false, |connection| {
        handles::look_up(other).is_some_and(|other| other.connection == *connection)
    })
}

/// Which of the client's connections this is: 1 for the first, one more after each reconnect. Always 1 on a
/// host; 0 for an invalid handle.
#[no_mangle]
pub unsafe extern "C" fn callgate_connection_generation(
    connection: *const callgate_connection,
) -> u64 {
    look(connection, 0, Connection::generation)
}

/// Whether the connection is still open. It may end at any moment.
#[no_mangle]
pub unsafe extern "C" fn callgate_connection_is_open(
    connection: *const callgate_connection,
) -> bool {
    look(connection, false, Connection::is_open)
}

/// The peer's user, vouched for by the operating system: its uid on Unix, its SID on Windows; empty if unknown
/// (TCP). Borrowed until the handle is freed or the callback that received it returns.
#[no_mangle]
pub unsafe extern "C" fn callgate_connection_peer_user(
    connection: *const callgate_connection,
    length: *mut usize,
) -> *const c_char {
    text_or_empty(connection, length, callgate_connection::user)
}

/// The name of the peer's user ("DOMAIN\name" on Windows), for people; empty if it has none, or the user is
/// unknown. The first call for a handle looks it up, and may wait for a server. Borrowed like the user.
#[no_mangle]
pub unsafe extern "C" fn callgate_connection_peer_user_name(
    connection: *const callgate_connection,
    length: *mut usize,
) -> *const c_char {
    text_or_empty(connection, length, callgate_connection::user_name)
}

/// The uid of the peer's user, vouched for by the operating system; -1 if unknown (TCP, Windows).
#[no_mangle]
pub unsafe extern "C" fn callgate_connection_peer_uid(
    connection: *const callgate_connection,
) -> i64 {
    id_or_none(connection, Peer::uid)
}

/// The peer's group id, or -1.
#[no_mangle]
pub unsafe extern "C" fn callgate_connection_peer_gid(
    connection: *const callgate_connection,
) -> i64 {
    id_or_none(connection, |peer| peer.gid)
}

/// The peer's process id, or -1. For information, never as proof: process ids are reused.
#[no_mangle]
pub unsafe extern "C" fn callgate_connection_peer_pid(
    connection: *const callgate_connection,
) -> i64 {
    id_or_none(connection, |peer| peer.pid)
}

/// The peer's network address, e.g. "127.0.0.1:50312"; empty if it has none. Borrowed until the handle is
/// freed or the callback that received it returns.
#[no_mangle]
pub unsafe extern "C" fn callgate_connection_peer_address(
    connection: *const callgate_connection,
    length: *mut usize,
) -> *const c_char {
    text_or_empty(connection, length, callgate_connection::address)
}

/// The fingerprint of the peer's key over TLS, as trust= takes it: "sha256:" and 64 digits; empty if the peer has
/// shown no certificate. The peer has proved that it has the key. Borrowed like the address.
#[no_mangle]
pub unsafe extern "C" fn callgate_connection_peer_key(
    connection: *const callgate_connection,
    length: *mut usize,
) -> *const c_char {
    text_or_empty(connection, length, callgate_connection::key)
}

/// The common name in the peer's certificate, for people; empty if there is none. Its authority vouches for it if
/// trust= names authorities; if it names keys, it is what the peer says of itself. Borrowed like the address.
#[no_mangle]
pub unsafe extern "C" fn callgate_connection_peer_common_name(
    connection: *const callgate_connection,
    length: *mut usize,
) -> *const c_char {
    text_or_empty(connection, length, callgate_connection::common_name)
}

/// The DNS names and URIs in the peer's certificate, one on each line; empty if there are none. The same vouches
/// for them as for the common name. Borrowed like the address.
#[no_mangle]
pub unsafe extern "C" fn callgate_connection_peer_names(
    connection: *const callgate_connection,
    length: *mut usize,
) -> *const c_char {
    text_or_empty(connection, length, callgate_connection::names)
}

/// Waits until everything sent so far on this connection has been handed to the operating system (default
/// timeout: the drain_timeout_ms of the limits). Calls that still wait for the peer to catch up are not
/// included. If the connection ends first, returns the reason.
#[no_mangle]
pub unsafe extern "C" fn callgate_connection_flush(
    connection: *const callgate_connection,
    timeout_ms: i64,
    error: *mut *mut callgate_error,
) -> callgate_status {
    guard(error, || {
        let connection = handles::get(connection)?.connection.clone();
        let default = connection.runtime().limits.drain_timeout;
        connection.flush(timeout::long_wait(timeout_ms, "timeout_ms", default)?)
    })
}

/// Ends the connection without waiting. May be called in any callback.
#[no_mangle]
pub unsafe extern "C" fn callgate_connection_close(
    connection: *const callgate_connection,
    error: *mut *mut callgate_error,
) -> callgate_status {
    guard(error, || {
        handles::get(connection)?.connection.close();
        Ok(())
    })
}

/// Makes another handle to the same connection. The program frees it.
#[no_mangle]
pub unsafe extern "C" fn callgate_connection_clone(
    connection: *const callgate_connection,
    clone: *mut *mut callgate_connection,
    error: *mut *mut callgate_error,
) -> callgate_status {
    guard(error, || {
        // SAFETY: the header requires a valid pointer for the result.
        let out = unsafe { Out::new(clone, "clone")? };
        let connection = handles::get(connection)?.connection.clone();
        out.give(callgate_connection::new(connection))
    })
}

/// Frees a handle from callgate_connection_clone() or callgate_client_connection(). The connection stays
/// open. Freeing NULL does nothing.
#[no_mangle]
pub unsafe extern "C" fn callgate_connection_free(connection: *mut callgate_connection) {
    guard_value((), || handles::discard(connection));
}
