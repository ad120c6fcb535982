//! Proxies and calls
//!
//! A proxy is the caller's stand-in for an interface of the other end. Any number of threads may
//! call through one proxy.

use std::ffi::{c_char, c_void};

use super::buffer::{self, callgate_buffer};
use super::call::callgate_call;
use super::callback::Callback;
use super::cancel::callgate_cancel_token;
use super::client::callgate_client;
use super::connection::callgate_connection;
use super::error::callgate_error;
use super::guard::{guard, guard_value};
use super::handles::{self, Object};
use super::input::{bytes, name, optional_name, slice, text, Out};
use super::options::{read, Options};
use super::status::callgate_status;
use super::text::{hand_out, Text};
use super::timeout;
use crate::connection::Scope;
use crate::{CallOptions, Check, InboundCall, Proxy, Result};

/// The caller's stand-in for an interface of the other end.
pub struct callgate_proxy {
    proxy: Proxy,
    interface: Text,
}

impl Object for callgate_proxy {
    const KIND: &'static str = "a proxy";
}

impl callgate_proxy {
    pub(super) fn new(proxy: Proxy) -> callgate_proxy {
        let interface = Text::new(proxy.interface());
        callgate_proxy { proxy, interface }
    }

    pub(super) fn proxy(&self) -> &Proxy {
        &self.proxy
    }
}

/// An entry of metadata that goes along with a call.
#[repr(C)]
pub struct callgate_metadata {
    /// Its key, NUL-terminated.
    pub key: *const c_char,
    /// Its value: text.
    pub value: *const c_char,
    /// The value's length in bytes.
    pub value_length: usize,
}

/// Is asked about every 50 ms while a call waits for a connection, for the peer to catch up, and for
/// the answer, on the thread that calls: true cancels the call, which ends with
/// CALLGATE_STATUS_CANCELLED. It is for threads with other duties, such as an interpreter's, which
/// looks for signals. It may call any function of Callgate.
pub type callgate_check_fn = Option<unsafe extern "C" fn(user_data: *mut c_void) -> bool>;

/// Options of a call; 0 and NULL are the defaults.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct callgate_call_options {
    /// sizeof(callgate_call_options).
    pub struct_size: usize,
    /// How long the call takes at most: connecting, waiting for room, sending, the answer. Default:
    /// the call_timeout_ms of the client's limits.
    pub timeout_ms: i64,
    /// What tells apart methods of one name, NUL-terminated; or NULL.
    pub signature: *const c_char,
    /// Entries of metadata for the delegate.
    pub metadata: *const callgate_metadata,
    /// How many entries there are.
    pub metadata_count: usize,
    /// What cancels the call from another thread, or NULL.
    pub cancel: *const callgate_cancel_token,
    /// Is asked while the call waits, and can cancel it; or NULL.
    pub check: callgate_check_fn,
    /// What `check` gets; it is the program's, and is not released.
    pub check_user_data: *mut c_void,
    /// The inbound call that this call is made for, borrowed until the function returns; NULL for the one
    /// that this thread is serving, if any. Set it when this thread is serving a call that was delivered on
    /// another thread, or when a worker thread calls back for one. A call that is answered already counts
    /// as NULL.
    pub parent: *const callgate_call,
}

// SAFETY: numbers and pointers, `struct_size` first.
unsafe impl Options for callgate_call_options {
    const NAME: &'static str = "callgate_call_options";
}

/// # Safety
/// `options` is NULL or as the header describes it.
unsafe fn read_options(
    options: *const callgate_call_options,
) -> Result<(CallOptions, Option<Scope>)> {
    let mut made = CallOptions::default();
    if options.is_null() {
        return Ok((made, None));
    }
    // SAFETY: the caller's promise, here and below.
    let given = unsafe { read(options) }.complete()?;
    made.timeout = timeout::timeout(given.timeout_ms, "timeout_ms")?;
    if !given.cancel.is_null() {
        made.cancel = Some(handles::get(given.cancel)?.token().clone());
    }
    let within = match given.parent.is_null() {
        true => None,
        // That it was answered just now, by another thread, is nothing that a program could prevent.
        false => handles::get(given.parent)?.look(InboundCall::serving).ok().map(Scope::enter),
    };
    let check = Callback::optional(given.check, given.check_user_data, None);
    made.check = check.map(check_of);
    // SAFETY: as above.
    let entries = unsafe {
        made.signature = optional_name(given.signature, "signature")?.map(str::to_owned);
        slice(given.metadata, given.metadata_count, "metadata")?
    };
    for entry in entries {
        // SAFETY: as above.
        let (key, value) = unsafe {
            (
                name(entry.key, "a metadata key")?,
                text(entry.value, entry.value_length, "a metadata value")?,
            )
        };
        made.metadata.push((key.to_owned(), value.to_owned()));
    }
    Ok((made, within))
}

/// A check of C as Rust's own.
fn check_of(check: Callback<unsafe extern "C" fn(*mut c_void) -> bool>) -> Check {
    // SAFETY: as the header describes it.
    Check::new(move || unsafe { (check.function)(check.user_data()) })
}

/// What a call is made of, once checked.
pub(super) struct Outgoing<'a> {
    pub(super) method: &'a str,
    pub(super) arguments: &'a [u8],
    pub(super) options: CallOptions,
    /// Has what this thread does be within the parent, while it lives.
    _within: Option<Scope>,
}

/// # Safety
/// The pointers are as the header describes them.
pub(super) unsafe fn outgoing<'a>(
    method: *const c_char,
    arguments: *const c_void,
    length: usize,
    options: *const callgate_call_options,
) -> Result<Outgoing<'a>> {
    const NO_ARGUMENTS: &[u8] = &[0x90];
    // SAFETY: the caller's promise.
    unsafe {
        let (options, _within) = read_options(options)?;
        Ok(Outgoing {
            method: name(method, "method")?,
            arguments: match bytes(arguments, length, "arguments")? {
                [] => NO_ARGUMENTS,
                arguments => arguments,
            },
            options,
            _within,
        })
    }
}

/// A proxy of an interface of the host, which outlives reconnects and keeps the client alive. Asks
/// the host nothing: the first call reports an interface that the host does not serve.
#[no_mangle]
pub unsafe extern "C" fn callgate_proxy_new(
    client: *const callgate_client,
    interface_name: *const c_char,
    proxy: *mut *mut callgate_proxy,
    error: *mut *mut callgate_error,
) -> callgate_status {
    guard(error, || {
        // SAFETY: the header asks for a name, and for a place for the result.
        let (interface, out) =
            unsafe { (name(interface_name, "interface_name")?, Out::new(proxy, "proxy")?) };
        let proxy = handles::get(client)?.started()?.proxy(interface)?;
        out.give(callgate_proxy::new(proxy))
    })
}

/// A proxy of an interface that the other end serves on this connection. It dies with the
/// connection.
#[no_mangle]
pub unsafe extern "C" fn callgate_connection_proxy(
    connection: *const callgate_connection,
    interface_name: *const c_char,
    proxy: *mut *mut callgate_proxy,
    error: *mut *mut callgate_error,
) -> callgate_status {
    guard(error, || {
        // SAFETY: the header asks for a name, and for a place for the result.
        let (interface, out) =
            unsafe { (name(interface_name, "interface_name")?, Out::new(proxy, "proxy")?) };
        let proxy = handles::get(connection)?.connection().proxy(interface)?;
        out.give(callgate_proxy::new(proxy))
    })
}

/// One more handle to the same proxy, to be freed by the program.
#[no_mangle]
pub unsafe extern "C" fn callgate_proxy_clone(
    proxy: *const callgate_proxy,
    clone: *mut *mut callgate_proxy,
    error: *mut *mut callgate_error,
) -> callgate_status {
    guard(error, || {
        // SAFETY: the header asks for a place for the result.
        let out = unsafe { Out::new(clone, "clone")? };
        out.give(callgate_proxy::new(handles::get(proxy)?.proxy.clone()))
    })
}

/// Calls a method and waits for its result.
///
/// The arguments are one MessagePack array; (NULL, 0) stands for none. options may be NULL. The
/// result, one MessagePack value, is put into `reply`, to be freed with callgate_buffer_free();
/// `reply` may be NULL when the result is not wanted. Fine in every callback but the log.
#[no_mangle]
pub unsafe extern "C" fn callgate_proxy_call(
    proxy: *const callgate_proxy,
    method: *const c_char,
    arguments: *const c_void,
    arguments_length: usize,
    options: *const callgate_call_options,
    reply: *mut callgate_buffer,
    error: *mut *mut callgate_error,
) -> callgate_status {
    guard(error, || {
        // SAFETY: the header asks for these.
        let (call, out) = unsafe {
            (outgoing(method, arguments, arguments_length, options)?, Out::optional(reply))
        };
        let proxy = handles::get(proxy)?;
        let reply = proxy.proxy.call_bytes(call.method, call.arguments, &call.options)?;
        buffer::give(out, reply)
    })
}

/// Calls a method whose result no one waits for. Returns once the call is queued; it waits for a
/// connection and for room like any call. Calls that follow each other quickly leave together, a moment
/// later: a program that ends without closing or freeing its client flushes it first. Those that have not
/// left when their connection is lost are dropped, and the log says how many.
#[no_mangle]
pub unsafe extern "C" fn callgate_proxy_one_way(
    proxy: *const callgate_proxy,
    method: *const c_char,
    arguments: *const c_void,
    arguments_length: usize,
    options: *const callgate_call_options,
    error: *mut *mut callgate_error,
) -> callgate_status {
    guard(error, || {
        // SAFETY: the header asks for these.
        let call = unsafe { outgoing(method, arguments, arguments_length, options)? };
        let proxy = handles::get(proxy)?;
        proxy.proxy.one_way_bytes(call.method, call.arguments, &call.options)
    })
}

/// The interface that it stands for; empty for an invalid handle. Borrowed until the proxy is
/// freed.
#[no_mangle]
pub unsafe extern "C" fn callgate_proxy_interface(
    proxy: *const callgate_proxy,
    length: *mut usize,
) -> *const c_char {
    guard_value(c"".as_ptr(), || {
        // SAFETY: the header asks for NULL or a place for the length.
        let length = unsafe { Out::optional(length) };
        let proxy = handles::look_up(proxy);
        hand_out(proxy.as_ref().map(|proxy| &proxy.interface), length)
    })
}

/// Frees a proxy. Calls that run through it go on. NULL is fine.
#[no_mangle]
pub unsafe extern "C" fn callgate_proxy_free(proxy: *mut callgate_proxy) {
    guard_value((), || handles::discard(proxy));
}
