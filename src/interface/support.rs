//! What the code made by [`interface`](crate::interface) calls. No program calls it itself, and it
//! may change with any version: the macro's is always the library's own.

use serde::de::DeserializeOwned;
use serde::Serialize;

use crate::connection::{InboundCall, Reply};
use crate::error::{Error, Execution, Result};
use crate::interface::arguments::mismatch;
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

    /// The same for methods that a signature tells apart from others of their name.
    pub fn with_signature(&self, signature: &str) -> Stub {
        let mut options = self.options.clone();
        options.signature = Some(signature.into());
        self.with_options(options)
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

/// Serves the methods of an interface, for itself and for interfaces that inherit it.
pub trait Serve<T: ?Sized> {
    /// Serves a call, or gives it back if the interface has no such method.
    fn serve(served: &T, call: InboundCall) -> Option<InboundCall>;
}

/// Serves a call, or refuses it.
pub fn invoke<D: Serve<T>, T: ?Sized>(served: &T, call: InboundCall) {
    if let Some(call) = D::serve(served, call) {
        // With the connection gone there is nobody to tell.
        call.fail_no_method().ok();
    }
}

/// The signature of the method that a call means, of those of its name, which take so many arguments: the
/// one that the caller has given, or else the only one that takes as many as there are.
pub fn overload(call: &InboundCall, known: &[(&'static str, u32)]) -> Result<&'static str> {
    let signatures = || known.iter().map(|(it, _)| *it).collect::<Vec<_>>().join(", ");
    if let Some(wanted) = call.signature() {
        let found = known.iter().find(|(signature, _)| *signature == wanted);
        return found.map(|(signature, _)| *signature).ok_or_else(|| {
            let known = signatures();
            mismatch(call, format_args!("there is no signature {wanted} among {known}"))
        });
    }
    let count = Arguments::count(call)?;
    let mut fitting = known.iter().filter(|(_, takes)| *takes == count);
    match (fitting.next(), fitting.next()) {
        (Some((signature, _)), None) => Ok(signature),
        (None, _) => {
            let known = signatures();
            Err(mismatch(call, format_args!("none of {known} takes {count} arguments")))
        }
        _ => {
            let known = signatures();
            Err(mismatch(
                call,
                format_args!("the caller has to name one of the signatures {known}"),
            ))
        }
    }
}

/// Answers a call that means none of the methods of its name.
pub fn refuse_overload(call: InboundCall, none: Result<&'static str>) {
    // With the connection gone there is nobody to tell.
    match none {
        Err(error) => call.fail(error).ok(),
        Ok(_) => call.fail_no_method().ok(),
    };
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
