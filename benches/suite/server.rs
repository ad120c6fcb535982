//! The serving process of a row, as both sides see it.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use callgate::{Client, ClientBuilder, Endpoint, Host, HostBuilder, Limits};

use crate::floor::{Asker, Floor, SecuredFloor, Stream, StreamFloor};
use crate::keys;
use crate::processes::{serve_until_end, Process};
use crate::rows::Row;
use crate::system;

/// How long a host may take to start.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a row serves.
pub struct Service {
    folder: PathBuf,
    host: Option<Host>,
}

impl Service {
    /// Serves floors, in the background.
    pub fn floors(&self, floors: &[Floor]) {
        floors.iter().for_each(|floor| floor.serve(&self.folder));
    }

    /// Serves a stream, in the background.
    pub fn stream(&self, floor: &StreamFloor) {
        floor.serve(&self.folder);
    }

    /// Makes keys, and serves floors over TLS, in the background.
    pub fn secured_floors(&self, floors: &[SecuredFloor]) {
        keys::make(&self.folder);
        floors.iter().for_each(|floor| floor.serve(&self.folder));
    }

    /// Starts a host over TCP and TLS, with the keys that were made.
    pub fn network_host(&mut self, add: impl FnOnce(HostBuilder) -> HostBuilder) {
        let secured = format!("tls://127.0.0.1:0?{}", keys::of_host(&self.folder));
        let builder = Host::builder().endpoint("tcp://127.0.0.1:0").endpoint(&secured);
        let host = add(builder).start().expect("the host starts");
        let ports = host.endpoints().iter().map(|endpoint| match endpoint {
            Endpoint::Tcp { port, .. } | Endpoint::Tls { port, .. } => port.to_string(),
            other => panic!("{other} has no port"),
        });
        let ports: Vec<String> = ports.collect();
        fs::write(ports_file(&self.folder), ports.join(" ")).expect("the folder is there");
        self.host = Some(host);
    }

    /// Starts the host, with the delegates that `add` adds.
    pub fn host(&mut self, add: impl FnOnce(HostBuilder) -> HostBuilder) {
        let mut limits = Limits::default();
        // All clients run as the same user here.
        limits.connections_per_user = limits.connections;
        let builder = Host::builder().endpoint(&endpoint(&self.folder)).limits(limits);
        self.host = Some(add(builder).start().expect("the host starts"));
    }
}

/// The host's endpoint, with its socket in this folder.
fn endpoint(folder: &Path) -> String {
    format!("unix://{}/host", folder.display())
}

/// The file with the ports of a host over TCP and TLS.
fn ports_file(folder: &Path) -> PathBuf {
    folder.join("ports")
}

/// Serves a row until this process is no longer needed.
pub fn run(row: &Row, folder: &str) {
    system::allow_many_descriptors();
    let mut service = Service { folder: folder.into(), host: None };
    (row.serve)(&mut service);
    serve_until_end();
    if let Some(host) = service.host {
        host.close().expect("the host closes");
    }
}

/// The serving process, as the measuring one sees it.
pub struct Server {
    pub process: Process,
    pub folder: PathBuf,
}

impl Server {
    /// The endpoint of its host.
    pub fn endpoint(&self) -> String {
        endpoint(&self.folder)
    }

    /// A client of its host, connected.
    pub fn client(&self) -> Client {
        self.client_with(|builder| builder)
    }

    /// A client of its host with more settings than an endpoint, connected.
    pub fn client_with(&self, add: impl FnOnce(ClientBuilder) -> ClientBuilder) -> Client {
        connected(add(Client::builder(&self.endpoint())))
    }

    /// A client of its host over TCP, and one over TLS, connected.
    pub fn network_clients(&self) -> (Client, Client) {
        let ports = fs::read_to_string(ports_file(&self.folder)).expect("the host is there");
        let (plain, secured) = ports.split_once(' ').expect("two ports");
        let options = keys::of_client(&self.folder);
        let plain = format!("tcp://127.0.0.1:{plain}");
        let secured = format!("tls://127.0.0.1:{secured}?{options}&name={}", keys::NAME);
        (connected(Client::builder(&plain)), connected(Client::builder(&secured)))
    }

    /// The requesting end of a floor.
    pub fn floor(&self, floor: &Floor) -> Asker {
        floor.connect(&self.folder)
    }

    /// The sending end of a stream.
    pub fn stream(&self, floor: &StreamFloor) -> Stream {
        floor.connect(&self.folder)
    }
}

fn connected(builder: ClientBuilder) -> Client {
    let client = builder.connect().expect("a client can be");
    client.wait_connected(Some(PATIENCE)).expect("the host is there");
    client
}
