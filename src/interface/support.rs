//! What the code made by [`interface`](crate::interface) calls. No program calls it itself, and it
//! may change with any version: the macro's is always the library's own.

use serde::de::DeserializeOwned;
use serde::Serialize;

use crate::connection::{InboundCall, Reply};
use crate::error::{Error, Execution, Result};
use crate::interface::{CallError, ProxySource};
use crate::proxy::{CallOptions, PendingCall, Proxy};

pub use crate::interface::arguments::Arguments;
pub use crate::interface::bytes::{ByteBuf, Bytes};

/// What a typed proxy consists of.
///
/// Results are decoded as `Wire` and given as `R`, which differ for bytes alone.
#[derive(Clone, Debug)]
pub struct Stub {
    proxy: Proxy,
    options: CallOptions,
}

impl From<Proxy> for Stub {
    fn from(proxy: Proxy) -> Stub {
        Stub { proxy, options: CallOptions::default() }
    }
}

impl Stub {
    /// A stub of that interface.
    pub fn new(source: &impl ProxySource, interface: &str) -> Result<Stub> {
        source.proxy(interface).map(Stub::from)
    }

    /// The same with other options.
    pub fn with_options(&self, options: CallOptions) -> Stub {
        Stub { proxy: self.proxy.clone(), options }
    }

    /// The untyped proxy.
    pub fn proxy(&self) -> &Proxy {
        &self.proxy
    }

    /// Calls a method.
    pub fn call<Wire: DeserializeOwned + Into<R>, R, E: CallError>(
        &self,
        method: &str,
        arguments: &impl Serialize,
    ) -> Result<R, E> {
        let outcome = self.proxy.call_with::<Wire>(method, arguments, &self.options);
        outcome.map(Into::into).map_err(E::from_error)
    }

    /// Starts a call; also what keeps it from being started is its outcome.
    pub fn start<Wire: DeserializeOwned + Into<R>, R, E: CallError>(
        &self,
        method: &str,
        arguments: &impl Serialize,
    ) -> PendingCall<R, E> {
        self.proxy.start_read(method, arguments, &self.options, read::<Wire, R, E>)
    }

    /// Sends a one-way call.
    pub fn one_way(&self, method: &str, arguments: &impl Serialize) -> Result<()> {
        self.proxy.one_way_with(method, arguments, &self.options)
    }
}

fn read<Wire: DeserializeOwned + Into<R>, R, E: CallError>(outcome: Result<Reply>) -> Result<R, E> {
    let decoded = outcome.and_then(|reply| reply.decode::<Wire>());
    decoded.map(Into::into).map_err(E::from_error)
}

/// Answers a call that takes so many arguments with what `run` makes of them.
pub fn serve<V: Serialize>(
    call: InboundCall,
    takes: u32,
    run: impl for<'a> FnOnce(&'a InboundCall, Arguments<'a>) -> Result<V>,
) {
    let outcome = Arguments::of(&call, takes).and_then(|arguments| run(&call, arguments));
    // With the connection gone there is nobody to tell.
    call.answer(outcome).ok();
}

/// Answers a call of a method that the interface does not have.
pub fn refuse(call: InboundCall) {
    // With the connection gone there is nobody to tell.
    call.fail_no_method().ok();
}

/// The error that a method returned, as it travels. The method ran, whatever became of a call that it
/// made itself.
pub fn failed(error: impl CallError) -> Error {
    error.into_error().with_execution(Execution::Ran)
}

/// What a method returns that can fail.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is named like a result and is none",
    note = "a method that can fail returns `Result<T, E>`, or an alias of it"
)]
pub trait Fallible {
    /// What it returns if it does not.
    type Value;
    /// How it fails.
    type Error: CallError;
}

impl<T, E: CallError> Fallible for Result<T, E> {
    type Value = T;
    type Error = E;
}
