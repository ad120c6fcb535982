//! Proxies and calls
//!
//! A proxy is the caller's stand-in for an interface that the peer serves. Any number of threads may call
//! through one proxy.

use std::ffi::{c_char, c_void};

use crate::connection::Scope;
use crate::ffi::arguments::{bytes, name, optional_name, slice, text, Out};
use crate::ffi::call::cancel::callgate_cancel_token;
use crate::ffi::callback::Callback;
use crate::ffi::errors::error::callgate_error;
use crate::ffi::errors::status::callgate_status;
use crate::ffi::guard::{guard, guard_value};
use crate::ffi::handles::{self, Object};
use crate::ffi::options::{read, Options};
use crate::ffi::owners::client::callgate_client;
use crate::ffi::owners::connection::callgate_connection;
use crate::ffi::serve::call::callgate_call;
use crate::ffi::timeout;
use crate::ffi::values::buffer::{self, callgate_buffer};
use crate::ffi::values::text::{hand_out, Text};
use crate::{CallOptions, Check, InboundCall, Proxy, Result};

/// The caller's stand-in for an interface that the peer serves.
pub struct callgate_proxy {
    proxy: Proxy,
    interface: Text,
}

impl Object for callgate_proxy {
    const KIND: &'static str = "a proxy";
}

impl callgate_proxy {
    pub(in crate::ffi) fn new(proxy: Proxy) -> callgate_proxy {
        let interface = Text::new(proxy.interface());
        callgate_proxy { proxy, interface }
    }

    pub(in crate::ffi) fn proxy(&self) -> &Proxy {
        &self.proxy
    }
}

/// A metadata entry, sent with a call. A call may have up to 256 of them, of up to 64 KiB together; more is
/// CALLGATE_STATUS_LIMIT_EXCEEDED.
#[repr(C)]
pub struct callgate_metadata {
    /// The key, NUL-terminated, without control characters.
    pub key: *const c_char,
    /// The value: any text.
    pub value: *const c_char,
    /// The value's length in bytes.
    pub value_length: usize,
}

/// Called about every 50 ms while a call waits for a connection, for the peer to catch up, or for the
/// reply, on the calling thread. Returning true cancels the call with CALLGATE_STATUS_CANCELLED. It is
/// meant for threads with other duties, such as an interpreter that must check for signals. It may call any
/// Callgate function.
pub type callgate_check_fn = Option<unsafe extern "C" fn(user_data: *mut c_void) -> bool>;

/// Options of a call. 0 and NULL mean the defaults.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct callgate_call_options {
    /// sizeof(callgate_call_options).
    pub struct_size: usize,
    /// How long the call may take: connecting, waiting for the peer to catch up, sending and the reply
    /// together. Default: the call_timeout_ms of the client's limits.
    pub timeout_ms: i64,
    /// The signature that distinguishes overloads of a method, NUL-terminated; or NULL.
    pub signature: *const c_char,
    /// Metadata entries for the delegate.
    pub metadata: *const callgate_metadata,
    /// The number of entries.
    pub metadata_count: usize,
    /// A token that can cancel the call from another thread, or NULL.
    pub cancel: *const callgate_cancel_token,
    /// Called while the call waits, and can cancel it; or NULL.
    pub check: callgate_check_fn,
    /// Passed to `check`. It belongs to the program; Callgate does not release it.
    pub check_user_data: *mut c_void,
    /// The inbound call on whose behalf this call is made, borrowed until the function returns; NULL means
    /// the one that this thread is serving, if any. Set it when this thread is serving a call that was
    /// delivered on another thread, or when a worker thread calls back for one. A call that already has its
    /// reply counts as NULL.
    pub parent: *const callgate_call,
}

// SAFETY: numbers and pointers, `struct_size` first.
unsafe impl Options for callgate_call_options {
    const NAME: &'static str = "callgate_call_options";
}

/// # Safety
/// `options` is NULL or as the header describes it.
pub(in crate::ffi) unsafe fn read_options(
    options: *const callgate_call_options,
) -> Result<(CallOptions, Option<Scope>)> {
    let mut made = CallOptions::default();
    if options.is_null() {
        return Ok((made, None));
    }
    // SAFETY: promised by the caller, here and below.
    let given = unsafe { read(options) }.complete()?;
    made.timeout = timeout::timeout(given.timeout_ms, "timeout_ms")?;
    if !given.cancel.is_null() {
        made.cancel = Some(handles::get(given.cancel)?.token().clone());
    }
    let within = match given.parent.is_null() {
        true => None,
        // Another thread may have just replied to it, which the program cannot prevent.
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

/// Converts a check from C.
fn check_of(check: Callback<unsafe extern "C" fn(*mut c_void) -> bool>) -> Check {
    // SAFETY: as the header describes it.
    Check::new(move || unsafe { (check.function)(check.user_data()) })
}

/// A validated call.
pub(in crate::ffi) struct Outgoing<'a> {
    pub(in crate::ffi) method: &'a str,
    pub(in crate::ffi) arguments: &'a [u8],
    pub(in crate::ffi) options: CallOptions,
    /// Makes this thread's calls children of the parent while it lives.
    _within: Option<Scope>,
}

/// # Safety
/// The pointers are as the header describes them.
pub(in crate::ffi) unsafe fn outgoing<'a>(
    method: *const c_char,
    arguments: *const c_void,
    length: usize,
    options: *const callgate_call_options,
) -> Result<Outgoing<'a>> {
    // SAFETY: promised by the caller.
    unsafe {
        let (options, _within) = read_options(options)?;
        Ok(Outgoing {
            method: name(method, "method")?,
            arguments: bytes(arguments, length, "arguments")?,
            options,
            _within,
        })
    }
}

/// Creates a proxy of an interface of the host. It outlives reconnects and keeps the client alive. Creating
/// it does not contact the host: the first call reports an interface that the host does not serve.
#[no_mangle]
pub unsafe extern "C" fn callgate_proxy_new(
    client: *const callgate_client,
    interface_name: *const c_char,
    proxy: *mut *mut callgate_proxy,
    error: *mut *mut callgate_error,
) -> callgate_status {
    guard(error, || {
        // SAFETY: the header requires a NUL-terminated name and a valid pointer for the result.
        let (interface, out) =
            unsafe { (name(interface_name, "interface_name")?, Out::new(proxy, "proxy")?) };
        let proxy = handles::get(client)?.started()?.proxy(interface)?;
        out.give(callgate_proxy::new(proxy))
    })
}

/// Creates a proxy of an interface that the peer serves on this connection. It stops working when the
/// connection ends.
#[no_mangle]
pub unsafe extern "C" fn callgate_connection_proxy(
    connection: *const callgate_connection,
    interface_name: *const c_char,
    proxy: *mut *mut callgate_proxy,
    error: *mut *mut callgate_error,
) -> callgate_status {
    guard(error, || {
        // SAFETY: the header requires a NUL-terminated name and a valid pointer for the result.
        let (interface, out) =
            unsafe { (name(interface_name, "interface_name")?, Out::new(proxy, "proxy")?) };
        let proxy = handles::get(connection)?.connection().proxy(interface)?;
        out.give(callgate_proxy::new(proxy))
    })
}

/// Makes another handle to the same proxy. The program frees it.
#[no_mangle]
pub unsafe extern "C" fn callgate_proxy_clone(
    proxy: *const callgate_proxy,
    clone: *mut *mut callgate_proxy,
    error: *mut *mut callgate_error,
) -> callgate_status {
    guard(error, || {
        // SAFETY: the header requires a valid pointer for the result.
        let out = unsafe { Out::new(clone, "clone")? };
        out.give(callgate_proxy::new(handles::get(proxy)?.proxy.clone()))
    })
}

/// Calls a method and waits for its result.
///
/// The arguments are one MessagePack array; (NULL, 0) means no arguments. options may be NULL. The result,
/// one MessagePack value, is stored in `reply`; free it with callgate_buffer_free(). `reply` may be NULL if
/// the result is not wanted. May be called in every callback; but a log callback should not wait.
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
        // SAFETY: the header requires these.
        let (call, out) = unsafe {
            (outgoing(method, arguments, arguments_length, options)?, Out::optional(reply))
        };
        let proxy = handles::get(proxy)?;
        let reply = proxy.proxy.call_bytes(call.method, call.arguments, &call.options)?;
        buffer::give(out, reply)
    })
}

/// Calls a method without waiting for a result. Returns once the call is queued; like any call, it waits
/// for a connection and for the peer to catch up. One-way calls in quick succession are sent together, a
/// moment later: a program that exits without closing or freeing its client must flush it first. Calls
/// still unsent when the connection is lost are dropped, and the log reports how many.
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
        // SAFETY: the header requires these.
        let call = unsafe { outgoing(method, arguments, arguments_length, options)? };
        let proxy = handles::get(proxy)?;
        proxy.proxy.one_way_bytes(call.method, call.arguments, &call.options)
    })
}

/// The name of the proxy's interface; empty for an invalid handle. Borrowed until the proxy is freed.
#[no_mangle]
pub unsafe extern "C" fn callgate_proxy_interface(
    proxy: *const callgate_proxy,
    length: *mut usize,
) -> *const c_char {
    guard_value(c"".as_ptr(), || {
        // SAFETY: the header requires NULL or a valid pointer for the length.
        let length = unsafe { Out::optional(length) };
        let proxy = handles::look_up(proxy);
        hand_out(proxy.as_ref().map(|proxy| &proxy.interface), length)
    })
}

/// Frees a proxy. Calls in progress through it continue. Freeing NULL does nothing.
#[no_mangle]
pub unsafe extern "C" fn callgate_proxy_free(proxy: *mut callgate_proxy) {
    guard_value((), || handles::discard(proxy));
}
