//! A NATS server.

use std::io::{ErrorKind, Write};
use std::net::TcpListener;
use std::process::{Command, Stdio};

use super::{Process, LIMIT};

/// A server on a loopback port of its own.
pub struct Server {
    process: Option<Process>,
    port: u16,
    arguments: Vec<String>,
}

impl Server {
    /// Starts one. `None`, with a clear notice, if it is not installed and need not be.
    pub fn start() -> Option<Server> {
        Server::start_with(&[])
    }

    /// The same with these arguments.
    pub fn start_with(arguments: &[&str]) -> Option<Server> {
        let [port] = free_ports();
        let arguments = arguments.iter().map(|&argument| argument.to_owned()).collect();
        let mut server = Server { process: None, port, arguments };
        server.run().then_some(server)
    }

    /// Three servers of one cluster.
    pub fn cluster() -> Option<Vec<Server>> {
        let ports: [u16; 3] = free_ports();
        let urls = ports.map(|port| format!("nats://127.0.0.1:{port}"));
        let routes = urls.join(",");
        let servers = urls.iter().map(|url| {
            let arguments = ["--cluster_name", "test", "--cluster", url, "--routes", &routes];
            Server::start_with(&arguments)
        });
        servers.collect()
    }

    /// Starts the server again, on the same port.
    pub fn start_again(&mut self) {
        assert!(self.process.is_none() && self.run());
    }

    /// Kills the server.
    pub fn kill(&mut self) {
        self.process = None;
    }

    /// Sends the server a signal.
    pub fn signal(&self, name: &str) {
        self.process.as_ref().expect("it runs").signal(name);
    }

    /// The address of a service.
    pub fn service(&self, name: &str) -> String {
        format!("nats://127.0.0.1:{}/{name}", self.port)
    }

    /// The server's URL.
    pub fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    fn run(&mut self) -> bool {
        let mut command = Command::new("nats-server");
        command.args(["-a", "127.0.0.1", "-p", &self.port.to_string()]).args(&self.arguments);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut process = match Process::start(command) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                assert!(
                    std::env::var_os("CALLGATE_REQUIRE_NATS").is_none(),
                    "nats-server is not installed"
                );
                // Not with `eprintln!`, whose output is hidden for a test that passes.
                writeln!(std::io::stderr(), "SKIPPED: nats-server is not installed").ok();
                return false;
            }
            started => started.expect("the server starts"),
        };
        let lines = process.errors();
        while !lines.recv_timeout(LIMIT).expect("it gets ready").contains("Server is ready") {}
        // The thread that reads goes on reading, so that the server can go on writing.
        self.process = Some(process);
        true
    }
}

/// Ports that are free now.
fn free_ports<const COUNT: usize>() -> [u16; COUNT] {
    let listeners = [(); COUNT].map(|()| TcpListener::bind("127.0.0.1:0").expect("a free port"));
    listeners.map(|listener| listener.local_addr().expect("it has an address").port())
}
