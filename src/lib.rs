//! Callgate lets a program call objects in another process, in any language and in both directions, as if
//! they were its own.
//!
//! A [`Host`] listens on endpoints and serves interfaces through delegates; a [`Client`] connects and calls
//! them through proxies. Interfaces are either typed, by a trait with the attribute
//! [`interface`](macro@interface), or untyped, by names.
//!
//! # A host and a client
//! ```
//! use callgate::{Client, Host, Result};
//!
//! #[callgate::interface(name = "IGreeter")]
//! pub trait Greeter {
//!     fn greet(&self, name: &str) -> String;
//! }
//!
//! struct Butler;
//!
//! impl Greeter for Butler {
//!     fn greet(&self, name: &str) -> String {
//!         format!("Hello, {name}!")
//!     }
//! }
//!
//! # fn main() -> Result<()> {
//! # let endpoint = format!("pipe://doc-greeter-{}", std::process::id());
//! // In one process; `endpoint` is e.g. "pipe://greeter":
//! let host = Host::builder().endpoint(&endpoint).serve(|_| GreeterDelegate::new(Butler)).start()?;
//!
//! // In another one, in any language:
//! let client = Client::connect(&endpoint)?;
//! let greeter = GreeterProxy::new(&client)?;
//! assert_eq!(greeter.greet("world")?, "Hello, world!");
//!
//! client.close()?;
//! host.close()
//! # }
//! ```
//!
//! # Callbacks
//! A client can serve an interface that the host calls, like any other interface. The host's proxy of it
//! belongs to the connection; it may be used within a call, or kept and used at any time from any thread.
//! ```
//! use callgate::{Client, Host, Result};
//!
//! #[callgate::interface(name = "ICounter")]
//! pub trait Counter {
//!     fn count_to(&self, n: u32) -> Result<()>;
//! }
//!
//! #[callgate::interface(name = "IListener")]
//! pub trait Listener {
//!     fn counted(&self, n: u32);
//! }
//!
//! struct Aloud {
//!     listener: ListenerProxy,
//! }
//!
//! impl Counter for Aloud {
//!     fn count_to(&self, n: u32) -> Result<()> {
//!         (1..=n).try_for_each(|n| self.listener.counted(n))
//!     }
//! }
//!
//! struct Ear(std::sync::mpsc::Sender<u32>);
//!
//! impl Listener for Ear {
//!     fn counted(&self, n: u32) {
//!         self.0.send(n).ok();
//!     }
//! }
//!
//! # fn main() -> Result<()> {
//! # let endpoint = format!("pipe://doc-counter-{}", std::process::id());
//! let host = Host::builder()
//!     .endpoint(&endpoint)
//!     .serve_duplex(|_, listener| CounterDelegate::new(Aloud { listener }))
//!     .start()?;
//!
//! let (ear, heard) = std::sync::mpsc::channel();
//! let client = Client::builder(&endpoint).callback(ListenerDelegate::new(Ear(ear))).connect()?;
//! CounterProxy::new(&client)?.count_to(3)?;
//! assert_eq!(heard.try_iter().collect::<Vec<_>>(), [1, 2, 3]);
//! # client.close()?;
//! # host.close()
//! # }
//! ```
//!
//! # Errors
//! Every call has one outcome. An [`Error`] says what went wrong ([`Error::status`]) and, separately,
//! whether the call ran ([`Error::execution`]). Interfaces may have error types of their own, which travel
//! by name: see [`CallError`](derive@CallError).
//! ```
//! use std::time::Duration;
//!
//! use callgate::{CallOptions, Client, Execution, Result, Status};
//!
//! # #[callgate::interface(name = "IGreeter")]
//! # pub trait Greeter {
//! #     fn greet(&self, name: &str) -> String;
//! # }
//! # fn main() -> Result<()> {
//! let client = Client::connect("pipe://nobody-is-there")?;
//! let hasty = CallOptions::timeout(Duration::from_millis(20));
//! let greeter = GreeterProxy::new(&client)?.with_options(hasty);
//! let error = greeter.greet("anyone").unwrap_err();
//! assert_eq!((error.status(), error.execution()), (Status::TimedOut, Execution::NotRun));
//! # client.close()
//! # }
//! ```
//!
//! # Without a trait
//! A [`Proxy`] calls methods by name, with any arguments that serde can serialise. A [`Delegate`], e.g. a
//! function, gets each [`InboundCall`] undecoded. A typed side can talk to an untyped one.
//! ```
//! use callgate::{Client, Connection, Host, InboundCall, Result};
//!
//! fn greet(call: InboundCall) {
//!     let sent = match call.method() {
//!         "Greet" => {
//!             let greeting = call.args::<(&str,)>().map(|(name,)| format!("Hello, {name}!"));
//!             call.reply_with(greeting)
//!         }
//!         _ => call.fail_no_method(),
//!     };
//!     if let Err(error) = sent {
//!         eprintln!("the reply was not sent: {error}");
//!     }
//! }
//!
//! # fn main() -> Result<()> {
//! # let endpoint = format!("pipe://doc-untyped-{}", std::process::id());
//! let host = Host::builder()
//!     .endpoint(&endpoint)
//!     .delegate("IGreeter", |_: &Connection| greet)
//!     .start()?;
//! let client = Client::connect(&endpoint)?;
//! let greeting: String = client.proxy("IGreeter")?.call("Greet", &("world",))?;
//! assert_eq!(greeting, "Hello, world!");
//! # client.close()?;
//! # host.close()
//! # }
//! ```
//!
//! # Threads
//! All types may be used from any thread. Delegates are called on several threads at once, never on a
//! thread that is waiting for a reply, and may block.
//!
//! ARCHITECTURE.md describes the layers of this crate, PROTOCOL.md the bytes between the processes.

#![deny(missing_docs)]
// A model has no system.
#![cfg_attr(callgate_shuttle, allow(dead_code, unused_imports))]

mod alias;
mod cancel;
mod chunk;
mod client;
mod connection;
mod contract;
mod counters;
mod error;
#[cfg(feature = "c-abi")]
mod ffi;
mod host;
mod interface;
mod limits;
mod link;
mod log;
#[cfg(all(test, callgate_shuttle))]
mod model;
mod name;
mod panics;
mod process;
mod proxy;
mod random;
mod relay;
mod sync;
mod text;
mod threads;
mod time;
mod trace;
mod transport;
mod value;
mod wire;

#[doc = include_str!("interface/interface.md")]
pub use callgate_macros::interface;
#[doc = include_str!("interface/call_error.md")]
pub use callgate_macros::CallError;
pub use cancel::{CancelToken, Check};
pub use client::{Client, ClientBuilder};
pub use connection::{CancelNotice, Connection, Delegate, InboundCall, Reply};
pub use contract::{Contract, Difference};
pub use counters::{CallCounters, Counters, Latencies};
pub use error::{Error, Execution, Remote, Result, Status};
pub use host::{Host, HostBuilder};
#[doc(hidden)]
pub use interface::support as interface_support;
pub use interface::{CallError, InterfaceDelegate, InterfaceProxy, ProxySource};
pub use limits::Limits;
pub use link::Verify;
pub use log::{LogEvent, LogLevel};
pub use proxy::{CallOptions, PendingCall, Proxy, Timeout};
pub use trace::Trace;
pub use transport::{
    Access, Certificate, Endpoint, KeyFingerprint, Peer, Scope, Security, Trust, User,
};

/// What the description of an interface consists of: see [`Contract`].
pub mod schema {
    pub use crate::contract::{Member, Method, NamedType, Parameter, Schema};
}

/// For the tests of programs: connections that fail on purpose.
pub mod testing {
    pub use crate::relay::{Direction, Faults, FaultyRelay};
}

/// Not part of the public API: the wire format and the transports, for the tests and benchmarks of this
/// repository. They may change in every release.
#[doc(hidden)]
pub mod unstable {
    pub mod transport {
        pub use crate::transport::*;
    }
    pub mod wire {
        pub use crate::wire::*;
    }
    #[cfg(callgate_shuttle)]
    pub mod model {
        pub use crate::sync::modelled::explore::trace;
        pub use crate::sync::modelled::steered::run;
        pub use crate::sync::modelled::thread::{sleep, spawn, JoinHandle};
        pub use crate::transport::modelled::{cut, hang, wrap_streams};
    }
}
