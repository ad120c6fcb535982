//! The parts of a connection. Each file can be read and tested alone: none depends on the connection.

pub(crate) mod cancelled;
pub(crate) mod context;
pub(crate) mod credit;
pub(crate) mod id_map;
pub(crate) mod inbound;
pub(crate) mod inbox;
pub(crate) mod incoming;
pub(crate) mod lane;
pub(crate) mod outbox;
pub(crate) mod outgoing;
pub(crate) mod pending;
pub(crate) mod phase;
pub(crate) mod place;
pub(crate) mod progress;
pub(crate) mod reader;
pub(crate) mod schedule;
pub(crate) mod send_queue;
pub(crate) mod silence;
pub(crate) mod spin;
pub(crate) mod unanswered;
