//! The serving process of a row, as both sides see it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use callgate::{Client, ClientBuilder, Host, HostBuilder, Limits};

use crate::floor::{Asker, Floor, Stream, StreamFloor};
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
        let client = add(Client::builder(&self.endpoint())).connect().expect("a client can be");
        client.wait_connected(Some(PATIENCE)).expect("the host is there");
        client
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
