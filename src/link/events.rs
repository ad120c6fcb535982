//! What a client's owner wants to be told of its connections.

use crate::connection::{Connection, Runtime};
use crate::error::Error;

type Begun = Box<dyn Fn(&Connection) + Send + Sync>;
type Ended = Box<dyn Fn(&Connection, &Error) + Send + Sync>;

/// The handlers of one client. They run one after another, on the client's own thread, so that none is
/// told of an end before the beginning.
#[derive(Default)]
pub(crate) struct Events {
    pub connected: Vec<Begun>,
    pub reconnected: Vec<Begun>,
    pub disconnected: Vec<Ended>,
}

impl Events {
    /// The handlers to be told that a connection has begun.
    fn of_beginning(&self, connection: &Connection) -> &[Begun] {
        let first = connection.generation() == 1;
        if first {
            &self.connected
        } else {
            &self.reconnected
        }
    }

    /// Whether anyone wants to know that a connection has begun.
    pub fn tells_begun(&self, connection: &Connection) -> bool {
        !self.of_beginning(connection).is_empty()
    }

    /// Tells that a connection has begun.
    pub fn begun(&self, connection: &Connection, runtime: &Runtime) {
        for handler in self.of_beginning(connection) {
            runtime.run_handler("a connected handler", || handler(connection));
        }
    }

    /// Tells that it has ended, and why.
    pub fn ended(&self, connection: &Connection, reason: &Error, runtime: &Runtime) {
        for handler in &self.disconnected {
            runtime.run_handler("a disconnected handler", || handler(connection, reason));
        }
    }
}
