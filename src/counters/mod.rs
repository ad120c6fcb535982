//! What a host or client counts: connections, calls, errors, bytes and latencies.

mod errors;
mod histogram;
mod open_metrics;
mod report;

use crate::error::Status;

pub(crate) use errors::ErrorCounts;
pub use histogram::Latencies;
pub(crate) use histogram::LazyHistogram;

/// Of this many calls of a connection the time of one is measured, the first among them: to measure takes longer
/// than to count. It is a prime, so that a program which makes several calls in turn has all of them measured.
const MEASURED: u64 = 17;

/// Whether the time of the call with this id is measured, by its caller and by its host.
#[inline]
pub(crate) fn is_measured(id: u64) -> bool {
    id % MEASURED == 1
}

/// What a host or client has counted since it was created.
///
/// Counting is always on, and costs a call next to nothing: most numbers are kept under locks that are held anyway,
/// and are added up here. So numbers that are read at one moment may differ by calls in progress.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Counters {
    /// Connections that are open now.
    pub connections: u64,
    /// Connections that have been established.
    pub connections_established: u64,
    /// A host: streams that were refused or whose handshake failed. A client: attempts to connect that failed.
    pub connections_failed: u64,
    /// Bytes received, without handshakes.
    pub bytes_received: u64,
    /// Bytes handed to the operating system, without handshakes.
    pub bytes_sent: u64,
    /// Bytes that wait to be sent now.
    pub bytes_queued: u64,
    /// Calls that this side makes. A host makes the calls of callbacks.
    pub made: CallCounters,
    /// Calls that this side serves. A client serves callbacks.
    pub served: CallCounters,
}

/// The calls of one direction.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct CallCounters {
    /// Calls with a reply. Made: those for which there was a connection. Served: those to which delegates have
    /// replied.
    pub calls: u64,
    /// One-way calls. Made: those given to a connection. Served: those that have returned or were refused.
    pub one_way: u64,
    /// Calls without a reply now.
    pub in_flight: u64,
    /// How many calls ended with each status, by status; only those that occurred. Made: as their callers saw them.
    /// Served: error replies, to calls that did not run too, and one-way calls that failed.
    pub errors: Vec<(Status, u64)>,
    /// How long calls with a reply took: the first of each connection, and then one in 17, the same on both sides.
    /// Made: from the call to its outcome, waiting for the peer to catch up included. Served: from the call's arrival
    /// to the delegate's reply, waiting for other calls included.
    pub latencies: Latencies,
}
