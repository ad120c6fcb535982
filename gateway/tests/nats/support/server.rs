//! A NATS server.

use std::io::{ErrorKind, Write};
use std::net::TcpListener;
use std::process::{Command, Stdio};

use super::machines::Machines;
use super::{command, Process, LIMIT};

/// NATS's own ports, for servers that have a machine to themselves.
const PORT: u16 = 4222;
const CLUSTER_PORT: u16 = 6222;

/// A server, on a loopback port of its own or on a machine of its own.
pub struct Server {
    process: Option<Process>,
    prefix: Vec<String>,
    address: String,
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
        Server::run_new(Vec::new(), "127.0.0.1".into(), port, arguments)
    }

    /// Starts one on a machine.
    pub fn start_on(machines: &Machines, machine: usize, arguments: &[&str]) -> Option<Server> {
        Server::run_new(machines.prefix(machine), machines.address(machine), PORT, arguments)
    }

    fn run_new(
        prefix: Vec<String>,
        address: String,
        port: u16,
        arguments: &[&str],
    ) -> Option<Server> {
        let arguments = arguments.iter().map(|&argument| argument.to_owned()).collect();
        let mut server = Server { process: None, prefix, address, port, arguments };
        server.run().then_some(server)
    }

    /// Three servers of one cluster, each on one of these machines.
    pub fn cluster_on(machines: &Machines, on: [usize; 3]) -> Option<Vec<Server>> {
        let url = |machine| format!("nats://{}:{CLUSTER_PORT}", machines.address(machine));
        let routes = on.map(url).join(",");
        let servers = on.iter().map(|&machine| {
            let own = url(machine);
            let arguments = ["--cluster_name", "test", "--cluster", &own, "--routes", &routes];
            Server::start_on(machines, machine, &arguments)
        });
        servers.collect()
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
        format!("nats://{}/{name}", self.place())
    }

    /// The server's URL.
    pub fn url(&self) -> String {
        format!("nats://{}", self.place())
    }

    /// Its address and port.
    pub fn place(&self) -> String {
        format!("{}:{}", self.address, self.port)
    }

    fn run(&mut self) -> bool {
        if !is_installed() {
            return false;
        }
        let mut command = command(&self.prefix, "nats-server");
        command.args(["-a", &self.address, "-p", &self.port.to_string()]).args(&self.arguments);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut process = Process::start(command).expect("the server starts");
        let lines = process.errors();
        while !lines.recv_timeout(LIMIT).expect("it gets ready").contains("Server is ready") {}
        // The thread that reads goes on reading, so that the server can go on writing.
        self.process = Some(process);
        true
    }
}

/// Whether there is a NATS server here. If there is none, and need not be, a notice says so clearly.
fn is_installed() -> bool {
    let tried = Command::new("nats-server").arg("--version").stdout(Stdio::null()).status();
    let missing = tried.is_err_and(|error| error.kind() == ErrorKind::NotFound);
    if missing {
        let required = std::env::var_os("CALLGATE_REQUIRE_NATS").is_some();
        assert!(!required, "nats-server is not installed");
        // Not with `eprintln!`, whose output is hidden for a test that passes.
        writeln!(std::io::stderr(), "SKIPPED: nats-server is not installed").ok();
    }
    !missing
}

/// Ports that are free now.
fn free_ports<const COUNT: usize>() -> [u16; COUNT] {
    let listeners = [(); COUNT].map(|()| TcpListener::bind("127.0.0.1:0").expect("a free port"));
    listeners.map(|listener| listener.local_addr().expect("it has an address").port())
}
