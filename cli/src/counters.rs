//! What a host has counted, as `callgate.Host.Counters` returns it.

use std::collections::BTreeMap;

use serde::Deserialize;

/// The counters of a host. PROTOCOL.md describes them; what a host leaves out is zero.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Counters {
    pub connections: u64,
    pub connections_established: u64,
    pub connections_failed: u64,
    pub bytes_received: u64,
    pub bytes_sent: u64,
    pub bytes_queued: u64,
    /// Callbacks.
    pub made: CallCounters,
    pub served: CallCounters,
}

/// The calls of one direction.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct CallCounters {
    pub calls: u64,
    pub one_way: u64,
    pub in_flight: u64,
    /// By the numbers of statuses.
    pub errors: BTreeMap<i32, u64>,
    /// The upper bound of a bucket in nanoseconds, and the number of calls in it.
    pub latencies: Vec<(Option<u64>, u64)>,
}
