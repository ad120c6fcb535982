//! Descriptions of interfaces
//!
//! A description is the text of an OpenRPC document: the interface's methods, their parameters and results, and
//! the types of these in JSON Schema. docs/internals/contracts.md specifies it. Each side describes an interface
//! as its own program knows it. If a host and a proxy have a description of the same interface, Callgate
//! compares them before the proxy's first call on each connection. If they do not fit, calls return
//! CALLGATE_STATUS_CONTRACT_MISMATCH with CALLGATE_EXECUTION_NOT_RUN, and the message lists the differences.
//!
//! A host offers its descriptions to clients through the interface "callgate.Host", which every host serves
//! unless its options say otherwise.

use std::ffi::c_char;

use crate::ffi::arguments::{interface, text, Out};
use crate::ffi::call::proxy::{callgate_call_options, callgate_proxy, read_options};
use crate::ffi::errors::error::callgate_error;
use crate::ffi::errors::status::callgate_status;
use crate::ffi::guard::guard;
use crate::ffi::handles;
use crate::ffi::owners::host::callgate_host;
use crate::ffi::values::buffer::{self, callgate_buffer};
use crate::name::check_served;
use crate::{Contract, Result};

/// # Safety
/// `document` is NULL or has `length` readable bytes.
unsafe fn contract(document: *const c_char, length: usize, what: &str) -> Result<Contract> {
    // SAFETY: promised by the caller.
    Contract::parse(unsafe { text(document, length, what)? })
}

/// Adds the description of an interface that the host serves, as the text of an OpenRPC document of `length`
/// bytes, which is copied. The latest description of an interface counts. Describing an interface does not
/// serve it. Add descriptions before starting the host. Returns CALLGATE_STATUS_INVALID_ARGUMENT if the text is
/// no such document; the message says what is wrong.
#[no_mangle]
pub unsafe extern "C" fn callgate_host_add_description(
    host: *mut callgate_host,
    document: *const c_char,
    length: usize,
    error: *mut *mut callgate_error,
) -> callgate_status {
    guard(error, || {
        let host = handles::get(host)?;
        // SAFETY: the header requires a document of this length.
        let contract = unsafe { contract(document, length, "document")? };
        check_served("the interface's name, 'info.title',", contract.interface())?;
        host.host().build(|builder| builder.describe(&contract))
    })
}

/// Adds the name of an interface that the host's delegate factories serve, so that clients that ask what the
/// host serves find it. Names with a description, and those of duplex delegate factories, need not be added.
#[no_mangle]
pub unsafe extern "C" fn callgate_host_add_interface_name(
    host: *mut callgate_host,
    interface_name: *const c_char,
    error: *mut *mut callgate_error,
) -> callgate_status {
    guard(error, || {
        // SAFETY: the header requires a NUL-terminated name.
        let interface = unsafe { interface(interface_name, "interface_name")? };
        handles::get(host)?.host().build(|builder| builder.declare(interface))
    })
}

/// Gives a client's proxy the description of its interface, as the text of an OpenRPC document of `length`
/// bytes, which is copied. It is compared with the host's before the next call on each connection; that call
/// waits for the host's reply, within its timeout. The client's option `verify` can set another time. A host
/// without a description is taken to fit. The description applies to all handles of the proxy. Returns
/// CALLGATE_STATUS_INVALID_ARGUMENT if the text is no such document or describes another interface, if the proxy
/// has a description already, and for a proxy from callgate_connection_proxy() or a duplex delegate factory.
#[no_mangle]
pub unsafe extern "C" fn callgate_proxy_describe(
    proxy: *const callgate_proxy,
    document: *const c_char,
    length: usize,
    error: *mut *mut callgate_error,
) -> callgate_status {
    guard(error, || {
        let proxy = handles::get(proxy)?;
        // SAFETY: the header requires a document of this length.
        proxy.proxy().describe_by(unsafe { text(document, length, "document")? })
    })
}

/// Compares the proxy's description with the host's at once, instead of before the next call. Does nothing if
/// the proxy has no description. options may be NULL; signature and metadata are not used. Waits for a
/// connection and for the host like callgate_proxy_call(), and returns the same errors;
/// CALLGATE_STATUS_CONTRACT_MISMATCH lists the differences.
#[no_mangle]
pub unsafe extern "C" fn callgate_proxy_verify(
    proxy: *const callgate_proxy,
    options: *const callgate_call_options,
    error: *mut *mut callgate_error,
) -> callgate_status {
    guard(error, || {
        // SAFETY: the header requires NULL or valid options.
        let (options, _within) = unsafe { read_options(options)? };
        handles::get(proxy)?.proxy().verify(&options)
    })
}

/// Checks that a text of `length` bytes is an OpenRPC document that describes one interface. Otherwise returns
/// CALLGATE_STATUS_INVALID_ARGUMENT, with a message that says what is wrong.
#[no_mangle]
pub unsafe extern "C" fn callgate_check_description(
    document: *const c_char,
    length: usize,
    error: *mut *mut callgate_error,
) -> callgate_status {
    guard(error, || {
        // SAFETY: the header requires a document of this length.
        unsafe { contract(document, length, "document") }.map(drop)
    })
}

/// Compares two descriptions: whether a host with the second can serve each call of a caller with the first,
/// and the caller can take each result. *count receives the number of differences. `differences` receives their
/// text, one line for each, without a line end after the last; it is NUL-terminated, and an empty buffer if
/// there are no differences. Free it with callgate_buffer_free(). `differences` may be NULL if the text is not
/// wanted. A line has no control characters, and names the place and what each side has there, e.g.
/// "ICalculator.Add, parameter 1 (a): int64 here, int32 at the host".
#[no_mangle]
pub unsafe extern "C" fn callgate_compare_descriptions(
    caller: *const c_char,
    caller_length: usize,
    host: *const c_char,
    host_length: usize,
    count: *mut usize,
    differences: *mut callgate_buffer,
    error: *mut *mut callgate_error,
) -> callgate_status {
    guard(error, || {
        // SAFETY: the header requires documents of these lengths, and valid pointers for the results.
        let (caller, host, count, out) = unsafe {
            (
                contract(caller, caller_length, "caller")?,
                contract(host, host_length, "host")?,
                Out::new(count, "count")?,
                Out::optional(differences),
            )
        };
        let found = caller.differences(&host);
        let lines: Vec<String> = found.iter().map(ToString::to_string).collect();
        buffer::give_text(out, &lines.join("\n"))?;
        count.set(found.len());
        Ok(())
    })
}
