//! The connection handlers of a client.

use crate::connection::{Connection, Runtime};
use crate::error::Error;

type Begun = Box<dyn Fn(&Connection) + Send + Sync>;
type Ended = Box<dyn Fn(&Connection, &Error) + Send + Sync>;

/// The handlers of one client. They run one after another, on the client's own thread, so that no handler
/// hears of an end before the beginning.
#[derive(Default)]
pub(crate) struct Events {
    pub connected: Vec<Begun>,
    pub reconnected: Vec<Begun>,
    pub disconnected: Vec<Ended>,
}

impl Events {
    /// The handlers for the beginning of this connection.
    fn of_beginning(&self, connection: &Connection) -> &[Begun] {
        let first = connection.generation() == 1;
        if first {
            &self.connected
        } else {
            &self.reconnected
        }
    }

    /// Whether any handler runs at the beginning of this connection.
    pub fn tells_begun(&self, connection: &Connection) -> bool {
        !self.of_beginning(connection).is_empty()
    }

    /// Runs the handlers for the beginning of a connection.
    pub fn begun(&self, connection: &Connection, runtime: &Runtime) {
        for handler in self.of_beginning(connection) {
            runtime.run_handler("a connected handler", || handler(connection));
        }
    }

    /// Runs the handlers for the end of a connection.
    pub fn ended(&self, connection: &Connection, reason: &Error, runtime: &Runtime) {
        for handler in &self.disconnected {
            runtime.run_handler("a disconnected handler", || handler(connection, reason));
        }
    }
}
