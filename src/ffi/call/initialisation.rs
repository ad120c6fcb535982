//! Initialised proxies
//!
//! A proxy can have a routine that runs before the proxy is used on a connection: to log on, for example,
//! or to subscribe again after a reconnect.

use std::ffi::{c_char, c_void};

use crate::ffi::arguments::{name, Out};
use crate::ffi::call::proxy::callgate_proxy;
use crate::ffi::callback::{callgate_free_fn, Callback};
use crate::ffi::errors::error::{self, callgate_error};
use crate::ffi::errors::status::{callgate_status, CALLGATE_STATUS_OK};
use crate::ffi::guard::guard;
use crate::ffi::handles;
use crate::ffi::handles::borrowed::BorrowedHandle;
use crate::ffi::owners::client::callgate_client;
use crate::{Error, Proxy, Result, Status};

/// Initialises a proxy, which is borrowed until the routine returns. The routine's own calls through the
/// proxy, and those that the host's callbacks make because of them, do not wait for the routine. To fail,
/// return a status other than CALLGATE_STATUS_OK, and optionally store an error in *error, which Callgate
/// then frees. Runs on a Callgate thread, one invocation at a time. It may block. It may call any Callgate
/// function, and may close anything.
pub type callgate_initialise_fn = Option<
    unsafe extern "C" fn(
        user_data: *mut c_void,
        proxy: *mut callgate_proxy,
        error: *mut *mut callgate_error,
    ) -> callgate_status,
>;

/// An initialisation routine implemented in C.
struct Routine(Callback<RoutineFunction>);

type RoutineFunction = unsafe extern "C" fn(
    *mut c_void,
    *mut callgate_proxy,
    *mut *mut callgate_error,
) -> callgate_status;

impl Routine {
    fn run(&self, proxy: &Proxy) -> Result<()> {
        let proxy = BorrowedHandle::new(callgate_proxy::new(proxy.clone()))?;
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

/// Creates a proxy like callgate_proxy_new(), with an initialisation routine. The routine runs on each new
/// connection, before the proxy's first call or as soon as the client has reconnected. Calls wait for it.
/// If it fails, the waiting calls get CALLGATE_STATUS_INITIALISATION_FAILED with its error as the cause,
/// and it runs again after growing pauses. user_data is released when the last handle to the proxy is freed
/// and the routine is not running.
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
        // SAFETY: the header requires a NUL-terminated name and a valid pointer for the result.
        let (interface, out) =
            unsafe { (name(interface_name, "interface_name")?, Out::new(proxy, "proxy")?) };
        let client = handles::get(client)?.started()?;
        let run = move |proxy: &Proxy| routine.run(proxy);
        out.give(callgate_proxy::new(client.proxy_with_initialisation(interface, run)?))
    })
}
