//! Another client of the same NATS server.

use std::future::Future;
use std::time::Duration;

use async_nats::{Client, ConnectOptions};
use tokio::runtime::{Builder, Runtime};

use super::server::Server;

/// A client, and the runtime that it needs.
pub struct Other {
    pub client: Client,
    runtime: Runtime,
}

impl Other {
    /// Connects. It does not get its own messages.
    pub fn connect(server: &Server) -> Other {
        let runtime =
            Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
        let connected = runtime.block_on(ConnectOptions::new().no_echo().connect(server.url()));
        Other { client: connected.expect("it connects"), runtime }
    }

    pub fn block_on<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.block_on(future)
    }

    pub fn spawn(&self, future: impl Future<Output = ()> + Send + 'static) {
        self.runtime.spawn(future);
    }

    /// The first answer to a request, as JSON.
    pub fn ask(&self, subject: &str) -> serde_json::Value {
        let request = async_nats::Request::new().timeout(Some(Duration::from_secs(10)));
        let answer = self.block_on(self.client.send_request(subject.to_owned(), request));
        serde_json::from_slice(&answer.expect("an answer").payload).expect("JSON")
    }
}
