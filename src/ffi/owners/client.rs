//! Clients
//!
//! A client connects to an endpoint and, for its whole life, silently reconnects whenever the connection
//! is lost. Create it, add handlers, start it; then close it, or just free it. Any number of threads may
//! use a client and its proxies.

use std::ffi::{c_char, c_void};

use crate::ffi::arguments::{alias, invalid, name, Out};
use crate::ffi::callback::callgate_free_fn;
use crate::ffi::errors::error::callgate_error;
use crate::ffi::errors::status::callgate_status;
use crate::ffi::guard::{guard, guard_value};
use crate::ffi::handles::{self, Object};
use crate::ffi::options::{read, Options};
use crate::ffi::owners::connection::callgate_connection;
use crate::ffi::owners::limits::{callgate_limits, read_limits};
use crate::ffi::owners::log::{callgate_log_fn, logger};
use crate::ffi::owners::setup::{Setup, Startable};
use crate::ffi::owners::trace::{callgate_trace, read_trace};
use crate::ffi::timeout;
use crate::{Client, ClientBuilder, Endpoint, Error, Limits, Result, Status, Verify};

/// When a client's proxies compare the descriptions of their interfaces with the host's.
pub type callgate_verify = i32;

/// Before their first call on each connection, in the thread of that call and within its timeout.
pub const CALLGATE_VERIFY_AT_FIRST_CALL: callgate_verify = 0;
/// Only callgate_proxy_verify() compares. Calls that do not fit fail one by one.
pub const CALLGATE_VERIFY_NEVER: callgate_verify = 1;
/// As soon as the client has connected or the proxy is described, in the background. Differences are logged as
/// errors. A call that is made meanwhile compares too, and fails if there are differences.
pub const CALLGATE_VERIFY_WHEN_CONNECTING: callgate_verify = 2;

/// Connects and reconnects to one endpoint at a time.
pub struct callgate_client {
    limits: Limits,
    client: Startable<ClientBuilder, Client>,
}

impl Object for callgate_client {
    const KIND: &'static str = "a client";
}

impl callgate_client {
    pub(in crate::ffi) fn started(&self) -> Result<Client> {
        self.client.started()
    }
}

impl Setup for callgate_client {
    type Builder = ClientBuilder;
    type Running = Client;

    fn startable(&self) -> &Startable<ClientBuilder, Client> {
        &self.client
    }
}

/// Options of a client. 0 and NULL mean the defaults.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct callgate_client_options {
    /// sizeof(callgate_client_options).
    pub struct_size: usize,
    /// The client's limits, or NULL; copied.
    pub limits: *const callgate_limits,
    /// Receives the client's log, or NULL.
    pub log: callgate_log_fn,
    /// Passed to `log`.
    pub log_user_data: *mut c_void,
    /// Releases log_user_data, or NULL.
    pub log_user_data_free: callgate_free_fn,
    /// The user that the host must run as: a uid or a name on Unix, a SID or a name on Windows; or NULL. A host
    /// that runs as root is refused too. If it runs as another user, or its user is unknown, the client does
    /// not connect, and waiting calls get CALLGATE_STATUS_ACCESS_DENIED. The user of a TCP peer is never
    /// known, so callgate_client_start() rejects the option for TCP. It also looks the name up: it may wait
    /// for a server that knows it, and returns CALLGATE_STATUS_INVALID_ARGUMENT if there is no such user.
    pub host_user: *const c_char,
    /// When proxies that have a description compare it with the host's. callgate_client_new() returns
    /// CALLGATE_STATUS_INVALID_ARGUMENT for a value that is not one of CALLGATE_VERIFY_.
    pub verify: callgate_verify,
    /// 1 to try several endpoints in a random order, which is chosen once: so clients spread over the hosts, and
    /// do not all prefer the first.
    pub shuffle_endpoints: u8,
    /// What to record, or NULL; copied. The file is created when the client is started.
    pub trace: *const callgate_trace,
}

// SAFETY: numbers, pointers and functions that may be NULL; `struct_size` first.
unsafe impl Options for callgate_client_options {
    const NAME: &'static str = "callgate_client_options";
}

/// Creates a client of an endpoint ("pipe://name", "unix:///path", "tcp://host:port" or "tls://host:port", see
/// docs/tls.md), or of hosts that can stand in for one another: up to 64 endpoints, separated by commas. It does
/// not connect yet. options may be NULL. Returns CALLGATE_STATUS_INVALID_ARGUMENT for a malformed endpoint;
/// whether a client can connect to a well-formed one, callgate_client_start() says.
///
/// A client of several endpoints has one connection at a time. It stays with a host until the connection ends,
/// then connects to the same endpoint again, and if that fails, at once to the next one. It pauses when all have
/// failed. A call that may have run is not made again.
#[no_mangle]
pub unsafe extern "C" fn callgate_client_new(
    endpoints: *const c_char,
    options: *const callgate_client_options,
    client: *mut *mut callgate_client,
    error: *mut *mut callgate_error,
) -> callgate_status {
    guard(error, || {
        // SAFETY: the header requires NULL or valid options.
        let options = unsafe { read(options) };
        let known = options.known;
        let log = logger(known.log, known.log_user_data, known.log_user_data_free);
        options.check()?;
        // SAFETY: as above, a NUL-terminated name, and a valid pointer for the result.
        let (endpoints, limits, out) = unsafe {
            (name(endpoints, "endpoints")?, read_limits(known.limits)?, Out::new(client, "client")?)
        };
        Endpoint::parse_list(endpoints)?;
        let verify = verify(known.verify)?;
        let mut builder = Client::builder(endpoints).limits(limits.clone()).verify(verify);
        // SAFETY: as above.
        if let Some(trace) = unsafe { read_trace(known.trace)? } {
            builder = builder.trace(trace);
        }
        if let Some(log) = log {
            builder = builder.log(log);
        }
        if known.shuffle_endpoints != 0 {
            builder = builder.shuffle_endpoints();
        }
        if !known.host_user.is_null() {
            // SAFETY: as above.
            builder = builder.host_user(unsafe { name(known.host_user, "host_user")? });
        }
        out.give(callgate_client { limits, client: Startable::new("the client", builder) })
    })
}

fn verify(value: callgate_verify) -> Result<Verify> {
    match value {
        CALLGATE_VERIFY_AT_FIRST_CALL => Ok(Verify::AtFirstCall),
        CALLGATE_VERIFY_NEVER => Ok(Verify::Never),
        CALLGATE_VERIFY_WHEN_CONNECTING => Ok(Verify::WhenConnecting),
        other => Err(invalid(format!("verify must be one of CALLGATE_VERIFY_, not {other}"))),
    }
}

/// Makes every name of a callback interface that begins with `prefix` an alias of the interface. The
/// longest matching prefix wins.
#[no_mangle]
pub unsafe extern "C" fn callgate_client_add_interface_alias(
    client: *mut callgate_client,
    prefix: *const c_char,
    interface_name: *const c_char,
    error: *mut *mut callgate_error,
) -> callgate_status {
    guard(error, || {
        // SAFETY: the header requires NUL-terminated names.
        let (prefix, interface) = unsafe { alias(prefix, interface_name)? };
        handles::get(client)?.client.build(|builder| builder.interface_alias(prefix, interface))
    })
}

/// Starts to connect, in the background: it never waits for a host. A client can be started once; if
/// starting fails, it can only be freed. Proxies cannot be created before: that returns
/// CALLGATE_STATUS_INVALID_ARGUMENT. Handlers may run before this returns, and may use the client.
#[no_mangle]
pub unsafe extern "C" fn callgate_client_start(
    client: *mut callgate_client,
    error: *mut *mut callgate_error,
) -> callgate_status {
    guard(error, || handles::get(client)?.client.start(ClientBuilder::connect))
}

/// Sets how long later calls wait for a connection (default: the connection_timeout_ms of the limits). A
/// call's own timeout still applies. The client must have been started.
#[no_mangle]
pub unsafe extern "C" fn callgate_client_set_connection_timeout(
    client: *mut callgate_client,
    timeout_ms: i64,
    error: *mut *mut callgate_error,
) -> callgate_status {
    guard(error, || {
        let client = handles::get(client)?;
        let default = client.limits.connection_timeout;
        let timeout = timeout::long_wait(timeout_ms, "timeout_ms", default)?;
        client.started()?.set_connection_timeout(timeout);
        Ok(())
    })
}

/// Waits until the client is connected (default timeout: the time its calls wait for a connection). A
/// failure that waiting cannot fix is returned at once; a timeout's error carries the last failure as its
/// cause.
#[no_mangle]
pub unsafe extern "C" fn callgate_client_wait_connected(
    client: *const callgate_client,
    timeout_ms: i64,
    error: *mut *mut callgate_error,
) -> callgate_status {
    guard(error, || {
        let client = handles::get(client)?.started()?;
        let default = Some(client.connection_timeout());
        client.wait_connected(timeout::wait(timeout_ms, "timeout_ms", default)?)
    })
}

/// Gets a handle to the client's present connection, which the program frees.
/// CALLGATE_STATUS_CHANNEL_FAULTED if the client is not connected.
#[no_mangle]
pub unsafe extern "C" fn callgate_client_connection(
    client: *const callgate_client,
    connection: *mut *mut callgate_connection,
    error: *mut *mut callgate_error,
) -> callgate_status {
    guard(error, || {
        // SAFETY: the header requires a valid pointer for the result.
        let out = unsafe { Out::new(connection, "connection")? };
        let connection = handles::get(client)?.started()?.connection();
        let connection = connection
            .ok_or_else(|| Error::new(Status::ChannelFaulted, "the client is not connected now"))?;
        out.give(callgate_connection::new(connection))
    })
}

/// Waits until the one-way calls made so far have been handed to the operating system (default timeout: the
/// drain_timeout_ms of the limits). Returns CALLGATE_STATUS_CHANNEL_FAULTED if the connection is lost
/// meanwhile. One-way calls dropped with an earlier connection are not included.
#[no_mangle]
pub unsafe extern "C" fn callgate_client_flush(
    client: *const callgate_client,
    timeout_ms: i64,
    error: *mut *mut callgate_error,
) -> callgate_status {
    guard(error, || {
        let client = handles::get(client)?;
        let timeout = timeout::long_wait(timeout_ms, "timeout_ms", client.limits.drain_timeout)?;
        client.started()?.flush(timeout)
    })
}

/// Sends what is queued, ends the connection for good, and waits until no callback of this client runs or
/// will run (default timeout: the drain_timeout_ms of the limits). Waiting calls get
/// CALLGATE_STATUS_CLOSED. In a callback of this client, closing begins and returns at once;
/// callgate_client_wait() waits for its end. Closing twice does no harm.
#[no_mangle]
pub unsafe extern "C" fn callgate_client_close(
    client: *mut callgate_client,
    timeout_ms: i64,
    error: *mut *mut callgate_error,
) -> callgate_status {
    guard(error, || {
        let client = handles::get(client)?;
        let drain = timeout::long_wait(timeout_ms, "timeout_ms", client.limits.drain_timeout)?;
        client.client.close_unstarted();
        client.client.running().map_or(Ok(()), |running| running.close_within(drain))
    })
}

/// Waits until the client is closed, by whichever thread (default timeout: the drain_timeout_ms of the
/// limits). Returns CALLGATE_STATUS_TIMED_OUT if it is not closed by then.
#[no_mangle]
pub unsafe extern "C" fn callgate_client_wait(
    client: *mut callgate_client,
    timeout_ms: i64,
    error: *mut *mut callgate_error,
) -> callgate_status {
    guard(error, || {
        let client = handles::get(client)?;
        let default = Some(client.limits.drain_timeout);
        let timeout = timeout::wait(timeout_ms, "timeout_ms", default)?;
        let running =
            client.client.running().ok_or_else(|| invalid("the client was not started"))?;
        running.wait_closed(timeout)
    })
}

/// Frees a client. It closes, without waiting, when its last proxy is freed too. Freeing NULL does nothing.
#[no_mangle]
pub unsafe extern "C" fn callgate_client_free(client: *mut callgate_client) {
    guard_value((), || handles::discard(client));
}
