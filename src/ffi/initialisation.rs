//! Proxies that are initialised
//!
//! A proxy can have a routine that runs before it is used on a connection: to log on, say, or to
//! subscribe again after the client has connected again.

use std::ffi::{c_char, c_void};

use super::callback::{callgate_free_fn, Callback};
use super::client::callgate_client;
use super::error::{self, callgate_error};
use super::guard::guard;
use super::handles;
use super::input::{name, Out};
use super::lent::Lent;
use super::proxy::callgate_proxy;
use super::status::{callgate_status, CALLGATE_STATUS_OK};
use crate::{Error, Proxy, Result, Status};

/// Initialises a proxy, which is borrowed until it returns: its calls through that proxy, and those
/// of the host's callbacks within them, do not wait for the routine. To fail, return a status other
/// than CALLGATE_STATUS_OK, and if you like put an error into *error, which Callgate then frees. Runs
/// on a Callgate thread, once at a time. It may wait, may call any function of Callgate, and may
/// close anything.
pub type callgate_initialise_fn = Option<
    unsafe extern "C" fn(
        user_data: *mut c_void,
        proxy: *mut callgate_proxy,
        error: *mut *mut callgate_error,
    ) -> callgate_status,
>;

/// An initialisation routine of C as Rust's own.
struct Routine(Callback<RoutineFunction>);

type RoutineFunction = unsafe extern "C" fn(
    *mut c_void,
    *mut callgate_proxy,
    *mut *mut callgate_error,
) -> callgate_status;

impl Routine {
    fn run(&self, proxy: &Proxy) -> Result<()> {
        let proxy = Lent::new(callgate_proxy::new(proxy.clone()))?;
        let mut error = std::ptr::null_mut();
        // SAFETY: as the header describes it.
        let status = unsafe { (self.0.function)(self.0.user_data(), proxy.handle(), &mut error) };
        let error = error::take(error);
        if status == CALLGATE_STATUS_OK {
            return Ok(());
        }
        Err(error.unwrap_or_else(|| failed(status)))
    }
}

fn failed(code: callgate_status) -> Error {
    let status = Status::from_code(code).unwrap_or(Status::Internal);
    Error::new(status, format!("the initialisation routine failed with status {code}"))
}

/// A proxy as callgate_proxy_new() makes it, with a routine that initialises it: on each new
/// connection before the proxy's first call, and as soon as the client is connected again. Calls wait
/// for it. Those that wait while it fails get CALLGATE_STATUS_INITIALISATION_FAILED, with its error as
/// the cause, and it is tried again after growing pauses. user_data is released once the last handle to
/// the proxy is freed, and the routine does not run.
#[no_mangle]
pub unsafe extern "C" fn callgate_proxy_new_initialised(
    client: *const callgate_client,
    interface_name: *const c_char,
    routine: callgate_initialise_fn,
    user_data: *mut c_void,
    user_data_free: callgate_free_fn,
    proxy: *mut *mut callgate_proxy,
    error: *mut *mut callgate_error,
) -> callgate_status {
    guard(error, || {
        let routine = Routine(Callback::new("routine", routine, user_data, user_data_free)?);
        // SAFETY: the header asks for a name, and for a place for the result.
        let (interface, out) =
            unsafe { (name(interface_name, "interface_name")?, Out::new(proxy, "proxy")?) };
        let client = handles::get(client)?.started()?;
        let run = move |proxy: &Proxy| routine.run(proxy);
        out.give(callgate_proxy::new(client.proxy_with_initialisation(interface, run)?))
    })
}
