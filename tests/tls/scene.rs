//! A host and clients whose certificates one authority has signed.

use crate::certificates::{Authority, Pair};
use crate::support::calculator_host;
use callgate::{Client, Error, Host, Result};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What a whole test may take.
pub const LIMIT: Duration = Duration::from_secs(120);

pub struct Scene {
    pub authority: Authority,
    pub host: Pair,
    pub client: Pair,
}

impl Scene {
    pub fn new() -> Scene {
        let authority = Authority::new();
        let (host, client) = (authority.pair("localhost"), authority.pair("a client"));
        Scene { authority, host, client }
    }

    /// Trust in the authority.
    pub fn trust(&self) -> String {
        format!("trust={}", self.authority.file().display())
    }

    /// The endpoint of a host that lets in clients of the authority.
    pub fn host_endpoint(&self) -> String {
        listening(&self.host, &self.trust())
    }

    /// A host that lets in clients of the authority.
    pub fn start(&self) -> Host {
        calculator_host(&self.host_endpoint()).start().unwrap()
    }

    /// The same host, and what it logs.
    pub fn start_logging(&self) -> (Host, Arc<Mutex<String>>) {
        let log = Arc::new(Mutex::new(String::new()));
        let lines = log.clone();
        let builder = calculator_host(&self.host_endpoint());
        let host = builder.log(move |event| *lines.lock().unwrap() += &event.message);
        (host.start().unwrap(), log)
    }

    /// The endpoint of a host, for a client of the authority.
    pub fn client_endpoint(&self, host: &Host) -> String {
        let options = format!("{}&{}", self.client.options(), self.trust());
        connecting(host, &options)
    }
}

/// The endpoint of a host with this certificate, on any port.
pub fn listening(pair: &Pair, trust: &str) -> String {
    format!("tls://127.0.0.1:0?{}&{trust}", pair.options())
}

/// The endpoint of a host, for a client with these options.
pub fn connecting(host: &Host, options: &str) -> String {
    let mark = if options.is_empty() { "" } else { "?" };
    format!("tls://localhost:{}{mark}{options}", port(host))
}

pub fn port(host: &Host) -> u16 {
    match host.endpoints()[0] {
        callgate::Endpoint::Tls { port, .. } | callgate::Endpoint::Tcp { port, .. } => port,
        ref other => panic!("{other} has no port"),
    }
}

/// Makes one call.
pub fn add(endpoint: &str) -> Result<i64> {
    let client = Client::connect(endpoint)?;
    let sum = client.proxy("ICalculator")?.call("Add", &(1, 2));
    client.close()?;
    sum
}

/// Expects a call to fail like this.
pub fn assert_fails(endpoint: &str, status: callgate::Status, why: &str) -> Error {
    let error = add(endpoint).expect_err(endpoint);
    assert_eq!(error.status(), status, "{endpoint}: {error}");
    assert!(error.message().contains(why), "{endpoint}: {error}");
    error
}
