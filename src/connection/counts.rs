//! What the connections of one host or client have counted.
//!
//! Each connection counts by itself, where a lock is held or a thread owns what it counts; here the counts of
//! connections are added up, when the program asks.

use crate::connection::{Connection, Core};
use crate::counters::{Counters, ErrorCounts};
use crate::sync::plain::{AtomicU64, Ordering};
use crate::sync::{Arc, Mutex, Weak};

/// The counts of a host or client.
#[derive(Default)]
pub(crate) struct Counts {
    connections: Mutex<Connections>,
    failed: AtomicU64,
    /// Of calls that this side makes.
    pub made_errors: Arc<ErrorCounts>,
    /// Of calls that this side serves.
    pub served_errors: ErrorCounts,
}

#[derive(Default)]
struct Connections {
    open: Vec<Weak<Core>>,
    established: u64,
    /// What the ended ones have counted.
    ended: Counters,
}

impl Counts {
    /// Counts a connection that was refused or could not be established.
    pub fn note_failed_connection(&self) {
        self.failed.fetch_add(1, Ordering::Relaxed);
    }

    /// From now on includes this connection.
    pub(super) fn begin(&self, core: &Core) {
        let mut connections = self.connections.lock();
        connections.open.push(core.me.clone());
        connections.established += 1;
    }

    /// Keeps the counts of a connection that has ended.
    pub(super) fn end(&self, core: &Core) {
        let mut connections = self.connections.lock();
        let Connections { open, ended, .. } = &mut *connections;
        open.retain(|other| !std::ptr::eq(other.as_ptr(), core));
        core.add_counts(ended);
        (ended.bytes_queued, ended.made.in_flight, ended.served.in_flight) = (0, 0, 0);
    }

    /// The counts until now.
    pub fn read(&self) -> Counters {
        let connections = self.connections.lock();
        let mut sum = connections.ended.clone();
        let open: Vec<Arc<Core>> = connections.open.iter().filter_map(Weak::upgrade).collect();
        open.iter().for_each(|core| core.add_counts(&mut sum));
        sum.connections = open.len() as u64;
        sum.connections_established = connections.established;
        // Releasing a connection may run more than this lock allows.
        drop(connections);
        sum.connections_failed = self.failed.load(Ordering::Relaxed);
        sum.made.errors = self.made_errors.all();
        sum.served.errors = self.served_errors.all();
        sum
    }
}

impl Core {
    fn add_counts(&self, sum: &mut Counters) {
        self.outbox.add_counts(sum);
        sum.bytes_received += self.received.load(Ordering::Relaxed);
        self.outgoing.add_counts(&mut sum.made);
        self.incoming.add_counts(&mut sum.served);
    }
}

impl Connection {
    /// What its host or client has counted.
    pub(crate) fn counters(&self) -> Counters {
        self.0.runtime.counts.read()
    }
}
