//! Typed interfaces between two processes, over a pipe and over TCP, and with untyped peers.

mod arguments;
#[path = "../support/block_on.rs"]
mod block_on;
#[cfg(all(unix, feature = "c-abi"))]
#[path = "../support/c.rs"]
mod c;
mod calls;
mod contract;
mod errors;
mod host;
mod inherit;
mod overloads;
#[cfg(feature = "c-abi")]
mod python;
mod shapes;
mod start;
#[path = "../support/mod.rs"]
mod support;

use std::time::Duration;

use callgate::Client;
use contract::CalculatorProxy;
use support::process::{self, Process};
use support::{unique, watched};

const LIMIT: Duration = Duration::from_secs(120);

/// Runs a test with a host in another process, once over a pipe and once over TCP.
fn with_host(test: &'static str, play: impl Fn(&str) + Send + 'static) {
    if let Some(endpoint) = process::role() {
        return host::run(&endpoint);
    }
    watched(LIMIT, move || {
        for endpoint in [format!("pipe://{}", unique("typed")), "tcp://127.0.0.1:0".into()] {
            let mut host = Process::start(test, &endpoint);
            play(&host.hear());
        }
    });
}

/// Runs a test with a client of that host.
fn with_calculator(test: &'static str, play: impl Fn(&CalculatorProxy) + Send + 'static) {
    with_host(test, move |endpoint| {
        let client = Client::connect(endpoint).unwrap();
        play(&CalculatorProxy::new(&client).unwrap());
        client.close().unwrap();
    });
}
