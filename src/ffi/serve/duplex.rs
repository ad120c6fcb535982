//! Calls in both directions
//!
//! A host can call its clients over the connections that they opened. The client serves callback interfaces
//! through handlers, which are added before it is started. The host gets a proxy of a callback interface in
//! a duplex delegate factory or from callgate_connection_proxy(). Either side may call the other while
//! serving a call, to any depth up to the nesting_depth of its limits.

use std::ffi::{c_char, c_void};

use crate::ffi::arguments::interface;
use crate::ffi::call::proxy::callgate_proxy;
use crate::ffi::callback::{callgate_free_fn, Callback};
use crate::ffi::errors::error::callgate_error;
use crate::ffi::errors::status::callgate_status;
use crate::ffi::guard::guard;
use crate::ffi::handles::borrowed::BorrowedHandle;
use crate::ffi::owners::client::callgate_client;
use crate::ffi::owners::connection::callgate_connection;
use crate::ffi::owners::host::callgate_host;
use crate::ffi::owners::setup::{register, register_once};
use crate::ffi::serve::delegate::{
    callgate_delegate, callgate_delegate_factory_fn, callgate_invoke_fn, take_delegate, Factory,
    Served,
};
use crate::sync::Arc;
use crate::{Connection, Delegate, Proxy, Result};

/// Creates the delegate of an interface for a connection like a callgate_delegate_factory_fn, and also gets
/// a proxy of the client's callback interface on that connection. The proxy can be called at once. To keep
/// it, use callgate_proxy_clone(); it works until the connection ends. connection and callback are borrowed
/// until the factory returns.
pub type callgate_duplex_delegate_factory_fn = Option<
    unsafe extern "C" fn(
        user_data: *mut c_void,
        connection: *mut callgate_connection,
        callback: *mut callgate_proxy,
        delegate: *mut callgate_delegate,
        error: *mut *mut callgate_error,
    ) -> callgate_status,
>;

/// A duplex delegate factory implemented in C.
struct DuplexFactory {
    interface: String,
    make: Callback<Make>,
}

type Make = unsafe extern "C" fn(
    *mut c_void,
    *mut callgate_connection,
    *mut callgate_proxy,
    *mut callgate_delegate,
    *mut *mut callgate_error,
) -> callgate_status;

impl DuplexFactory {
    fn delegate(
        &self,
        connection: &Connection,
        callback: Proxy,
    ) -> Result<Option<Arc<dyn Delegate>>> {
        let connection = BorrowedHandle::new(callgate_connection::new(connection.clone()))?;
        let callback = BorrowedHandle::new(callgate_proxy::new(callback))?;
        take_delegate(&self.interface, |delegate, error| {
            let user_data = self.make.user_data();
            // SAFETY: as the header describes it.
            unsafe {
                (self.make.function)(
                    user_data,
                    connection.handle(),
                    callback.handle(),
                    delegate,
                    error,
                )
            }
        })
    }
}

/// Adds the duplex delegate factory of an interface, which takes precedence over all plain factories. A
/// second one for the same interface returns CALLGATE_STATUS_INVALID_ARGUMENT.
#[no_mangle]
pub unsafe extern "C" fn callgate_host_add_duplex_delegate_factory(
    host: *mut callgate_host,
    interface_name: *const c_char,
    callback_interface_name: *const c_char,
    factory: callgate_duplex_delegate_factory_fn,
    user_data: *mut c_void,
    user_data_free: callgate_free_fn,
    error: *mut *mut callgate_error,
) -> callgate_status {
    guard(error, || {
        let factory = Callback::new("factory", factory, user_data, user_data_free)?;
        // SAFETY: the header requires NUL-terminated names.
        let (interface, callback) = unsafe {
            (
                interface(interface_name, "interface_name")?,
                interface(callback_interface_name, "callback_interface_name")?,
            )
        };
        register_once(host, interface, "a duplex delegate factory", factory, |builder, make| {
            let factory = DuplexFactory { interface: interface.to_owned(), make };
            let factory = move |connection: &_, callback| factory.delegate(connection, callback);
            builder.duplex_delegate_factory(interface, callback, factory)
        })
    })
}

/// Serves a callback interface to the host on all of the client's connections. Add handlers before starting
/// the client; a second one for the same interface returns CALLGATE_STATUS_INVALID_ARGUMENT. user_data is
/// released once the client is closed or freed and the last invocation has returned.
#[no_mangle]
pub unsafe extern "C" fn callgate_client_add_callback_handler(
    client: *mut callgate_client,
    interface_name: *const c_char,
    handler: callgate_invoke_fn,
    user_data: *mut c_void,
    user_data_free: callgate_free_fn,
    error: *mut *mut callgate_error,
) -> callgate_status {
    guard(error, || {
        let handler = Callback::new("handler", handler, user_data, user_data_free)?;
        // SAFETY: the header requires a NUL-terminated name.
        let interface = unsafe { interface(interface_name, "interface_name")? };
        register_once(client, interface, "a callback handler", handler, |builder, handler| {
            builder.callback_handler(interface, Served(handler))
        })
    })
}

/// Adds a delegate factory to a client, before it is started. It is asked for interfaces without a callback
/// handler, once per connection and interface, after the factories added before it.
#[no_mangle]
pub unsafe extern "C" fn callgate_client_add_delegate_factory(
    client: *mut callgate_client,
    factory: callgate_delegate_factory_fn,
    user_data: *mut c_void,
    user_data_free: callgate_free_fn,
    error: *mut *mut callgate_error,
) -> callgate_status {
    let factory = Callback::new("factory", factory, user_data, user_data_free);
    register(client, factory, error, |builder, factory| {
        let factory = Factory(factory);
        builder
            .delegate_factory(move |interface, connection| factory.delegate(interface, connection))
    })
}
