//! Hosts
//!
//! A host listens on endpoints and serves interfaces through delegates. Create it, add endpoints, factories
//! and handlers, start it; then close it, or just free it. Any number of threads may use a host.

use std::ffi::{c_char, c_void};

use crate::ffi::arguments::{alias, interface, invalid, name, Out, Outs};
use crate::ffi::callback::{callgate_free_fn, Callback};
use crate::ffi::errors::error::callgate_error;
use crate::ffi::errors::status::callgate_status;
use crate::ffi::guard::{guard, guard_value};
use crate::ffi::handles::borrowed::BorrowedHandle;
use crate::ffi::handles::{self, Object};
use crate::ffi::options::{read, Options};
use crate::ffi::owners::connection::callgate_connection;
use crate::ffi::owners::host_events::{
    callgate_connected_fn, callgate_disconnected_fn, connected_handler, disconnected_handler,
};
use crate::ffi::owners::limits::{callgate_limits, read_limits};
use crate::ffi::owners::log::{callgate_log_fn, logger};
use crate::ffi::owners::setup::{register, Setup, Startable};
use crate::ffi::owners::trace::{callgate_trace, read_trace};
use crate::ffi::serve::delegate::{callgate_delegate_factory_fn, Factory};
use crate::ffi::timeout;
use crate::ffi::values::text::{hand_out, Text};
use crate::sync::Arc;
use crate::{Endpoint, Host, HostBuilder, Limits, Result};

/// Listens on endpoints and serves interfaces.
pub struct callgate_host {
    limits: Limits,
    host: Startable<HostBuilder, Arc<Running>>,
}

pub(in crate::ffi) struct Running {
    pub(in crate::ffi) host: Host,
    endpoints: Vec<Text>,
}

impl callgate_host {
    pub(in crate::ffi) fn host(&self) -> &Startable<HostBuilder, Arc<Running>> {
        &self.host
    }
}

impl Object for callgate_host {
    const KIND: &'static str = "a host";
}

impl Setup for callgate_host {
    type Builder = HostBuilder;
    type Running = Arc<Running>;

    fn startable(&self) -> &Startable<HostBuilder, Arc<Running>> {
        &self.host
    }
}

impl Running {
    fn start(builder: HostBuilder) -> Result<Arc<Running>> {
        let host = builder.start()?;
        let endpoints = host.endpoints().iter();
        let endpoints = endpoints.map(|endpoint| Text::new(&endpoint.to_string())).collect();
        Ok(Arc::new(Running { host, endpoints }))
    }
}

/// Options of a host. 0 and NULL mean the defaults.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct callgate_host_options {
    /// sizeof(callgate_host_options).
    pub struct_size: usize,
    /// The host's limits, or NULL; copied.
    pub limits: *const callgate_limits,
    /// Receives the host's log, or NULL.
    pub log: callgate_log_fn,
    /// Passed to `log`.
    pub log_user_data: *mut c_void,
    /// Releases log_user_data, or NULL.
    pub log_user_data_free: callgate_free_fn,
    /// Unless 0, the host does not say what it serves: it has no interface "callgate.Host".
    pub no_host_interface: u8,
    /// What to record, or NULL; copied. The file is created when the host is started.
    pub trace: *const callgate_trace,
}

// SAFETY: numbers, pointers and functions that may be NULL; `struct_size` first.
unsafe impl Options for callgate_host_options {
    const NAME: &'static str = "callgate_host_options";
}

/// Creates a host, which does not listen yet. options may be NULL.
#[no_mangle]
pub unsafe extern "C" fn callgate_host_new(
    options: *const callgate_host_options,
    host: *mut *mut callgate_host,
    error: *mut *mut callgate_error,
) -> callgate_status {
    guard(error, || {
        // SAFETY: the header requires NULL or valid options.
        let options = unsafe { read(options) };
        let known = options.known;
        let log = logger(known.log, known.log_user_data, known.log_user_data_free);
        options.check()?;
        // SAFETY: as above, and a valid pointer for the result.
        let (limits, trace, out) = unsafe {
            (read_limits(known.limits)?, read_trace(known.trace)?, Out::new(host, "host")?)
        };
        let mut builder = Host::builder().limits(limits.clone());
        builder = builder.described(known.no_host_interface == 0);
        if let Some(log) = log {
            builder = builder.log(log);
        }
        if let Some(trace) = trace {
            builder = builder.trace(trace);
        }
        out.give(callgate_host { limits, host: Startable::new("the host", builder) })
    })
}

/// Adds an endpoint to listen on: "pipe://name", "unix:///path", "tcp://host:port" or
/// "tls://host:port?certificate=FILE&key=FILE&trust=FILE" (docs/tls.md), where port 0 lets the system
/// choose. Pipes and paths are accessible to the user who runs the host, and to root, unless the endpoint
/// says otherwise: "unix:///path?access=everyone", "pipe://name?scope=system&access=everyone" (which only
/// root can offer), or access=group:NAME for the members of a group. TCP is limited to loopback
/// addresses, since it has neither authentication nor encryption; "tcp://0.0.0.0:4000?insecure=1" accepts
/// calls from everywhere all the same. Returns CALLGATE_STATUS_INVALID_ARGUMENT for a malformed endpoint.
#[no_mangle]
pub unsafe extern "C" fn callgate_host_add_endpoint(
    host: *mut callgate_host,
    endpoint: *const c_char,
    error: *mut *mut callgate_error,
) -> callgate_status {
    guard(error, || {
        // SAFETY: the header requires a NUL-terminated name.
        let endpoint = unsafe { name(endpoint, "endpoint")? };
        endpoint.parse::<Endpoint>()?;
        handles::get(host)?.host.build(|builder| builder.endpoint(endpoint))
    })
}

/// Adds a delegate factory, which is asked after those added before it.
#[no_mangle]
pub unsafe extern "C" fn callgate_host_add_delegate_factory(
    host: *mut callgate_host,
    factory: callgate_delegate_factory_fn,
    user_data: *mut c_void,
    user_data_free: callgate_free_fn,
    error: *mut *mut callgate_error,
) -> callgate_status {
    let factory = Callback::new("factory", factory, user_data, user_data_free);
    register(host, factory, error, |builder, factory| {
        let factory = Factory(factory);
        builder
            .delegate_factory(move |interface, connection| factory.delegate(interface, connection))
    })
}

/// Makes the calls of each connection to this interface run one at a time, in order of arrival. Calls
/// nested in a running one do not wait for it.
#[no_mangle]
pub unsafe extern "C" fn callgate_host_add_ordered_interface(
    host: *mut callgate_host,
    interface_name: *const c_char,
    error: *mut *mut callgate_error,
) -> callgate_status {
    guard(error, || {
        // SAFETY: the header requires a NUL-terminated name.
        let interface = unsafe { interface(interface_name, "interface_name")? };
        handles::get(host)?.host.build(|builder| builder.ordered(interface))
    })
}

/// Makes every interface name that begins with `prefix` an alias of the interface. The longest matching prefix
/// wins.
#[no_mangle]
pub unsafe extern "C" fn callgate_host_add_interface_alias(
    host: *mut callgate_host,
    prefix: *const c_char,
    interface_name: *const c_char,
    error: *mut *mut callgate_error,
) -> callgate_status {
    guard(error, || {
        // SAFETY: the header requires NUL-terminated names.
        let (prefix, interface) = unsafe { alias(prefix, interface_name)? };
        handles::get(host)?.host.build(|builder| builder.interface_alias(prefix, interface))
    })
}

/// Adds a handler that runs for each client that connects.
#[no_mangle]
pub unsafe extern "C" fn callgate_host_add_client_connected_handler(
    host: *mut callgate_host,
    handler: callgate_connected_fn,
    user_data: *mut c_void,
    user_data_free: callgate_free_fn,
    error: *mut *mut callgate_error,
) -> callgate_status {
    let handler = Callback::new("handler", handler, user_data, user_data_free);
    register(host, handler, error, |builder, handler| {
        builder.client_connected(connected_handler(handler))
    })
}

/// Adds a handler that runs for each client that disconnects.
#[no_mangle]
pub unsafe extern "C" fn callgate_host_add_client_disconnected_handler(
    host: *mut callgate_host,
    handler: callgate_disconnected_fn,
    user_data: *mut c_void,
    user_data_free: callgate_free_fn,
    error: *mut *mut callgate_error,
) -> callgate_status {
    let handler = Callback::new("handler", handler, user_data, user_data_free);
    register(host, handler, error, |builder, handler| {
        builder.client_disconnected(disconnected_handler(handler))
    })
}

/// Starts to listen and serve. When it returns, clients can connect. A host can be started once; if
/// starting fails, it can only be freed. Handlers may run before this returns, and may use the host.
#[no_mangle]
pub unsafe extern "C" fn callgate_host_start(
    host: *mut callgate_host,
    error: *mut *mut callgate_error,
) -> callgate_status {
    guard(error, || handles::get(host)?.host.start(Running::start))
}

/// The number of endpoints that the host listens on; 0 before it is started.
#[no_mangle]
pub unsafe extern "C" fn callgate_host_endpoint_count(host: *const callgate_host) -> usize {
    guard_value(0, || {
        let running = handles::look_up(host).and_then(|host| host.host.running());
        running.map_or(0, |running| running.endpoints.len())
    })
}

/// The endpoint at `index`, counted from 0, with the port that the system chose; empty if there is no such
/// endpoint. Borrowed until the host is freed.
#[no_mangle]
pub unsafe extern "C" fn callgate_host_endpoint(
    host: *const callgate_host,
    index: usize,
    length: *mut usize,
) -> *const c_char {
    guard_value(c"".as_ptr(), || {
        // SAFETY: the header requires NULL or a valid pointer for the length.
        let length = unsafe { Out::optional(length) };
        let running = handles::look_up(host).and_then(|host| host.host.running());
        let endpoint = running.as_ref().and_then(|running| running.endpoints.get(index));
        hand_out(endpoint, length)
    })
}

/// Stores handles to the host's open connections in `connections`, up to `capacity`. The program frees each
/// with callgate_connection_free(). *count receives the number of open connections, which may exceed
/// `capacity`: then call again with more room. With a capacity of 0, connections may be NULL. A host that
/// is not running has none. May be called from anywhere, including the host's callbacks.
#[no_mangle]
pub unsafe extern "C" fn callgate_host_connections(
    host: *const callgate_host,
    connections: *mut *mut callgate_connection,
    capacity: usize,
    count: *mut usize,
    error: *mut *mut callgate_error,
) -> callgate_status {
    guard(error, || {
        // SAFETY: the header requires room for `capacity` handles and a valid pointer for the count.
        let (room, count) = unsafe {
            (Outs::new(connections, capacity, "connections")?, Out::new(count, "count")?)
        };
        let running = handles::get(host)?.host.running();
        let found = running.map(|running| running.host.connections()).unwrap_or_default();
        let borrowed = found
            .iter()
            .take(capacity)
            .map(|connection| BorrowedHandle::new(callgate_connection::new(connection.clone())));
        let borrowed: Vec<_> = borrowed.collect::<Result<_>>()?;
        room.set(borrowed.into_iter().map(BorrowedHandle::keep));
        count.set(found.len());
        Ok(())
    })
}

/// Stops listening, ends every connection, and waits until no callback of this host runs or will run.
/// Running delegates may finish until the timeout (default: the drain_timeout_ms of the limits); after that
/// it returns CALLGATE_STATUS_TIMED_OUT, and closing continues in the background. In a callback of this
/// host, closing begins and returns at once; callgate_host_wait() waits for its end. Closing twice does no
/// harm.
#[no_mangle]
pub unsafe extern "C" fn callgate_host_close(
    host: *mut callgate_host,
    timeout_ms: i64,
    error: *mut *mut callgate_error,
) -> callgate_status {
    guard(error, || {
        let host = handles::get(host)?;
        let drain = timeout::long_wait(timeout_ms, "timeout_ms", host.limits.drain_timeout)?;
        host.host.close_unstarted();
        host.host.running().map_or(Ok(()), |running| running.host.close_within(drain))
    })
}

/// Waits until the host is closed, by whichever thread (default timeout: the drain_timeout_ms of the
/// limits). Returns CALLGATE_STATUS_TIMED_OUT if it is not closed by then.
#[no_mangle]
pub unsafe extern "C" fn callgate_host_wait(
    host: *mut callgate_host,
    timeout_ms: i64,
    error: *mut *mut callgate_error,
) -> callgate_status {
    guard(error, || {
        let host = handles::get(host)?;
        let default = Some(host.limits.drain_timeout);
        let timeout = timeout::wait(timeout_ms, "timeout_ms", default)?;
        let running = host.host.running().ok_or_else(|| invalid("the host was not started"))?;
        running.host.wait(timeout)
    })
}

/// Frees a host. It closes, without waiting, when no function uses it any more. Freeing NULL does nothing.
#[no_mangle]
pub unsafe extern "C" fn callgate_host_free(host: *mut callgate_host) {
    guard_value((), || handles::discard(host));
}
