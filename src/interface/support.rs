//! Called by the code that [`interface`](macro@crate::interface) generates. Programs do not call it themselves.
//! It may change in any version, since the macro always comes with the same version of the library.

use serde::de::DeserializeOwned;
use serde::Serialize;

use crate::connection::{InboundCall, Reply};
use crate::error::{Error, Execution, Result};
use crate::interface::arguments::mismatch;
use crate::interface::{CallError, InterfaceProxy, ProxySource};
use crate::proxy::{CallOptions, PendingCall, Proxy};

pub use crate::interface::arguments::Arguments;
pub use crate::interface::bytes::{ByteBuf, Bytes};
pub use crate::interface::document::{contract, Describe, Document, Kept, Side};
pub use crate::interface::schemas::{Schemas, Type, WithSchema, WithoutSchema};

/// The content of a typed proxy.
///
/// Results are decoded as `Wire` and returned as `R`; the two differ only for bytes.
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
    /// Creates a stub of an interface, which describes itself.
    pub fn new<P: InterfaceProxy>(source: &impl ProxySource) -> Result<Stub> {
        let proxy = source.proxy(P::INTERFACE)?;
        proxy.describe_unless_described(P::contract)?;
        Ok(Stub::from(proxy))
    }

    /// A stub of an untyped proxy. It describes itself if the proxy has its interface's name and no
    /// description yet.
    pub fn of<P: InterfaceProxy>(proxy: Proxy) -> Stub {
        if proxy.interface() == P::INTERFACE {
            // `new` would report it.
            proxy.describe_unless_described(P::contract).ok();
        }
        Stub::from(proxy)
    }

    /// The same stub with other options.
    pub fn with_options(&self, options: CallOptions) -> Stub {
        Stub { proxy: self.proxy.clone(), options }
    }

    /// The same stub for an overload with this signature.
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

    /// Starts a call; a failure to start is an outcome too.
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

/// Serves a call that takes `least` to `most` arguments: replies with the result of `run`.
pub fn serve<V: Serialize>(
    call: InboundCall,
    least: u32,
    most: u32,
    run: impl for<'a> FnOnce(&'a InboundCall, Arguments<'a>) -> Result<V>,
) {
    let outcome = Arguments::of(&call, least, most).and_then(|arguments| run(&call, arguments));
    // The connection is gone, and the caller with it.
    call.reply_with(outcome).ok();
}

/// Serves the methods of an interface, for itself and for interfaces that inherit it.
pub trait Serve<T: ?Sized> {
    /// Serves a call, or returns it if the interface has no such method.
    fn serve(served: &T, call: InboundCall) -> Option<InboundCall>;
}

/// Serves a call, or refuses it.
pub fn invoke<D: Serve<T>, T: ?Sized>(served: &T, call: InboundCall) {
    if let Some(call) = D::serve(served, call) {
        // The connection is gone, and the caller with it.
        call.fail_no_method().ok();
    }
}

/// The signature of the overload that a call means. `known` lists the overloads of the method with the
/// fewest and the most arguments that they take. The caller's signature selects one; without it, the only
/// one that takes the call's number of arguments.
pub fn overload(call: &InboundCall, known: &[(&'static str, u32, u32)]) -> Result<&'static str> {
    let signatures = || known.iter().map(|(it, ..)| *it).collect::<Vec<_>>().join(", ");
    if let Some(wanted) = call.signature() {
        let found = known.iter().find(|(signature, ..)| *signature == wanted);
        return found.map(|(signature, ..)| *signature).ok_or_else(|| {
            let known = signatures();
            mismatch(call, format_args!("there is no signature {wanted} among {known}"))
        });
    }
    let count = Arguments::count(call)?;
    let mut fitting = known.iter().filter(|(_, least, most)| (*least..=*most).contains(&count));
    match (fitting.next(), fitting.next()) {
        (Some((signature, ..)), None) => Ok(signature),
        (None, _) => {
            let known = signatures();
            Err(mismatch(call, format_args!("none of {known} takes {count} arguments")))
        }
        _ => {
            let known = signatures();
            Err(mismatch(call, format_args!("the caller must name one of the signatures {known}")))
        }
    }
}

/// Refuses a call that matches no overload of its method.
pub fn refuse_overload(call: InboundCall, none: Result<&'static str>) {
    // The connection is gone, and the caller with it.
    match none {
        Err(error) => call.fail(error).ok(),
        Ok(_) => call.fail_no_method().ok(),
    };
}

/// The error that a method returned, as it travels. The method ran, whatever became of calls that it made
/// itself.
pub fn failed(error: impl CallError) -> Error {
    error.into_error().with_execution(Execution::Ran)
}

/// The return type of a method that can fail.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is called `Result` but is not one",
    note = "a method that can fail returns `Result<T, E>`, or an alias of it"
)]
pub trait Fallible {
    /// The type of its result.
    type Value;
    /// The type of its error.
    type Error: CallError;
}

impl<T, E: CallError> Fallible for Result<T, E> {
    type Value = T;
    type Error = E;
}
