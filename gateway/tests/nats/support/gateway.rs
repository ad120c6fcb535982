//! Gateways, as processes.

use std::process::Stdio;
use std::sync::mpsc::Receiver;

use super::{unique, Process, LIMIT};

/// A gateway.
pub struct Gateway {
    pub process: Process,
    /// Where clients connect, if it listens.
    pub endpoint: String,
    lines: Receiver<String>,
}

/// Offers a host.
pub fn offer(service: &str, host: &str) -> Gateway {
    offer_with(service, host, &[])
}

/// The same with these options.
pub fn offer_with(service: &str, host: &str, options: &[&str]) -> Gateway {
    let mut gateway = start("offer", service, host, options);
    let name = service.rsplit('/').next().expect("split gives one");
    gateway.await_line(&format!("offering {name}"));
    gateway
}

/// Listens on an endpoint of its own.
pub fn connect(service: &str) -> Gateway {
    connect_with(service, &[])
}

/// The same with these options.
pub fn connect_with(service: &str, options: &[&str]) -> Gateway {
    connect_at(service, &format!("pipe://{}", unique("connect")), options)
}

/// Listens on this endpoint, of whose port the system may choose.
pub fn connect_at(service: &str, endpoint: &str, options: &[&str]) -> Gateway {
    let mut gateway = start("connect", service, endpoint, options);
    let line = gateway.await_line("listening on ");
    gateway.endpoint = line.trim_start_matches("listening on ").to_owned();
    gateway
}

/// Offers a host from a machine, whose commands begin with this prefix.
pub fn offer_in(prefix: &[String], service: &str, host: &str) -> Gateway {
    let mut gateway = start_in(prefix, "offer", service, host, &[]);
    gateway.await_line("offering ");
    gateway
}

/// Listens on an endpoint of its own, on a machine.
pub fn connect_in(prefix: &[String], service: &str) -> Gateway {
    let endpoint = format!("pipe://{}", unique("connect"));
    let mut gateway = start_in(prefix, "connect", service, &endpoint, &[]);
    gateway.await_line("listening on ");
    gateway
}

/// Starts a gateway, which may fail.
pub fn start(command: &str, service: &str, endpoint: &str, options: &[&str]) -> Gateway {
    start_in(&[], command, service, endpoint, options)
}

fn start_in(
    prefix: &[String],
    command: &str,
    service: &str,
    endpoint: &str,
    options: &[&str],
) -> Gateway {
    let mut gateway = super::command(prefix, env!("CARGO_BIN_EXE_callgate-gateway"));
    gateway.args([command, service, endpoint]).args(options);
    if !options.contains(&"--heartbeat") {
        // Short, so that the tests need not wait long for silence.
        gateway.args(["--heartbeat", "500ms"]);
    }
    gateway.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut process = Process::start(gateway).expect("the gateway starts");
    let lines = process.errors();
    Gateway { process, endpoint: endpoint.to_owned(), lines }
}

impl Gateway {
    /// Waits until it prints a line that contains this; returns the line.
    pub fn await_line(&mut self, part: &str) -> String {
        loop {
            let line = self
                .lines
                .recv_timeout(LIMIT)
                .unwrap_or_else(|_| panic!("it never prints {part:?}"));
            if line.contains(part) {
                return line;
            }
        }
    }
}
