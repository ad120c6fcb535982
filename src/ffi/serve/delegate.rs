//! Delegates
//!
//! A delegate serves one interface on one connection. When the first call to an interface arrives on a
//! connection, the host asks its delegate factories, in the order they were added, for the delegate. It
//! asks at most once per connection and interface, and keeps the delegate until the connection ends.

use std::ffi::{c_char, c_void};

use crate::ffi::callback::{callgate_free_fn, Callback};
use crate::ffi::errors::error::{self, callgate_error};
use crate::ffi::errors::status::{callgate_status, CALLGATE_STATUS_OK};
use crate::ffi::handles::borrowed::BorrowedHandle;
use crate::ffi::owners::connection::callgate_connection;
use crate::ffi::serve::call::callgate_call;
use crate::ffi::thread_cache;
use crate::ffi::values::text::Text;
use crate::sync::Arc;
use crate::{Connection, Delegate, Error, InboundCall, Result, Status};

/// Serves a call, which is borrowed until the function returns: reply to it or defer it. Runs on Callgate's
/// threads, on several at once for concurrent calls. It may block and take long. It may call any Callgate
/// function, and may close anything, which then ends after it returns.
pub type callgate_invoke_fn =
    Option<unsafe extern "C" fn(user_data: *mut c_void, call: *mut callgate_call)>;

/// A delegate, filled in by its factory.
#[repr(C)]
pub struct callgate_delegate {
    /// Serves the calls; NULL means no delegate.
    pub invoke: callgate_invoke_fn,
    /// Passed to `invoke`.
    pub user_data: *mut c_void,
    /// Releases user_data after the connection has ended and the last invocation has returned; or NULL.
    pub user_data_free: callgate_free_fn,
}

/// Creates the delegate of an interface for a connection. `delegate` points to zeros:
///
/// - to serve the interface, fill it in and return CALLGATE_STATUS_OK;
/// - to leave the interface to the next factory, change nothing and return CALLGATE_STATUS_OK;
/// - to fail, return another status, and optionally store an error from callgate_error_new() in *error,
///   which Callgate then frees. The caller gets the error, and the next call asks the factory again.
///
/// interface_name and connection are borrowed until it returns. Runs on a connection's thread, for several
/// connections at once. It may block. It may call any Callgate function, and may close anything.
pub type callgate_delegate_factory_fn = Option<
    unsafe extern "C" fn(
        user_data: *mut c_void,
        interface_name: *const c_char,
        connection: *mut callgate_connection,
        delegate: *mut callgate_delegate,
        error: *mut *mut callgate_error,
    ) -> callgate_status,
>;

/// A delegate implemented in C.
pub(in crate::ffi) struct Served(pub(in crate::ffi) Callback<Invoke>);

type Invoke = unsafe extern "C" fn(*mut c_void, *mut callgate_call);

impl Delegate for Served {
    fn invoke(&self, call: InboundCall) {
        let call = callgate_call::holding(call);
        match BorrowedHandle::of(Arc::clone(&call)) {
            // SAFETY: as the header describes it.
            Ok(borrowed) => unsafe { (self.0.function)(self.0.user_data(), borrowed.handle()) },
            Err(error) => {
                // A caller that is gone needs no reply.
                let _ = call.take().and_then(|call| call.fail(error));
            }
        }
        call.returned();
        thread_cache::keep(call);
    }
}

/// A delegate factory implemented in C.
pub(in crate::ffi) struct Factory(pub(in crate::ffi) Callback<Make>);

type Make = unsafe extern "C" fn(
    *mut c_void,
    *const c_char,
    *mut callgate_connection,
    *mut callgate_delegate,
    *mut *mut callgate_error,
) -> callgate_status;

impl Factory {
    pub(in crate::ffi) fn delegate(
        &self,
        interface: &str,
        connection: &Connection,
    ) -> Result<Option<Arc<dyn Delegate>>> {
        let interface_name = Text::new(interface);
        let connection = BorrowedHandle::new(callgate_connection::new(connection.clone()))?;
        take_delegate(interface, |delegate, error| {
            // SAFETY: as the header describes it.
            unsafe {
                (self.0.function)(
                    self.0.user_data(),
                    interface_name.as_ptr(),
                    connection.handle(),
                    delegate,
                    error,
                )
            }
        })
    }
}

/// Calls `describe`, a factory of C, and converts the delegate that it fills in.
pub(in crate::ffi) fn take_delegate(
    interface: &str,
    describe: impl FnOnce(&mut callgate_delegate, &mut *mut callgate_error) -> callgate_status,
) -> Result<Option<Arc<dyn Delegate>>> {
    let mut delegate =
        callgate_delegate { invoke: None, user_data: std::ptr::null_mut(), user_data_free: None };
    let mut error = std::ptr::null_mut();
    let status = describe(&mut delegate, &mut error);
    // Takes over user_data even if the factory failed after filling it in.
    let served = Callback::optional(delegate.invoke, delegate.user_data, delegate.user_data_free);
    let error = error::take(error);
    if status != CALLGATE_STATUS_OK {
        return Err(error.unwrap_or_else(|| factory_failed(interface, status)));
    }
    Ok(served.map(|served| Arc::new(Served(served)) as Arc<dyn Delegate>))
}

fn factory_failed(interface: &str, code: callgate_status) -> Error {
    let status = Status::from_code(code).unwrap_or(Status::Internal);
    let message = format!("the delegate factory failed for {interface} with status {code}");
    Error::new(status, message)
}
