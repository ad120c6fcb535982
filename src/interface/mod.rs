//! Typed interfaces: what the code that [`interface`](crate::interface) makes of a trait is made with.

mod arguments;
mod bytes;
mod error;
pub mod support;

use crate::client::{Client, ClientBuilder};
use crate::connection::{Connection, Delegate};
use crate::error::Result;
use crate::host::HostBuilder;
use crate::proxy::Proxy;
use crate::sync::Arc;

pub use error::CallError;

/// Where proxies come from: a client, whose proxies survive reconnects, or a connection, whose
/// proxies die with it.
pub trait ProxySource {
    /// A stand-in for the interface of that name.
    ///
    /// # Errors
    /// Invalid argument for a name that is empty, too long or has control characters.
    fn proxy(&self, interface: &str) -> Result<Proxy>;
}

impl ProxySource for Client {
    fn proxy(&self, interface: &str) -> Result<Proxy> {
        self.proxy(interface)
    }
}

impl ProxySource for Connection {
    fn proxy(&self, interface: &str) -> Result<Proxy> {
        self.proxy(interface)
    }
}

/// A typed proxy, made by [`interface`](crate::interface). It is made of an untyped one by `from`,
/// and shows that by `as_ref`.
pub trait InterfaceProxy: From<Proxy> + AsRef<Proxy> + Clone + Send + Sync + 'static {
    /// The interface's name.
    const INTERFACE: &'static str;
}

/// A delegate of a typed interface, made by [`interface`](crate::interface).
pub trait InterfaceDelegate: Delegate {
    /// The interface's name.
    const INTERFACE: &'static str;
}

impl HostBuilder {
    /// Serves a typed interface, with a delegate of its own for each connection.
    pub fn serve<D: InterfaceDelegate>(
        self,
        make: impl Fn(&Connection) -> D + Send + Sync + 'static,
    ) -> HostBuilder {
        self.delegate(D::INTERFACE, make)
    }

    /// Serves a typed interface to callers that serve another one in turn: `make` also gets a proxy of
    /// the caller's callback interface, as
    /// [`duplex_delegate_factory`](HostBuilder::duplex_delegate_factory) tells.
    pub fn serve_duplex<D: InterfaceDelegate, C: InterfaceProxy>(
        self,
        make: impl Fn(&Connection, C) -> D + Send + Sync + 'static,
    ) -> HostBuilder {
        self.duplex_delegate_factory(D::INTERFACE, C::INTERFACE, move |connection, callback| {
            Ok(Some(Arc::new(make(connection, C::from(callback)))))
        })
    }
}

impl ClientBuilder {
    /// Serves a typed interface to the host, as [`ClientBuilder::callback_handler`] tells.
    pub fn callback<D: InterfaceDelegate>(self, delegate: D) -> ClientBuilder {
        self.callback_handler(D::INTERFACE, delegate)
    }
}
