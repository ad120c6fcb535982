//! Counters as the result of `callgate.Host.Counters`, whose keys PROTOCOL.md lists.

use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};

use crate::counters::{CallCounters, Counters, Latencies};
use crate::error::Status;

impl Serialize for Counters {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(8))?;
        map.serialize_entry("connections", &self.connections)?;
        map.serialize_entry("connections_established", &self.connections_established)?;
        map.serialize_entry("connections_failed", &self.connections_failed)?;
        map.serialize_entry("bytes_received", &self.bytes_received)?;
        map.serialize_entry("bytes_sent", &self.bytes_sent)?;
        map.serialize_entry("bytes_queued", &self.bytes_queued)?;
        map.serialize_entry("made", &self.made)?;
        map.serialize_entry("served", &self.served)?;
        map.end()
    }
}

impl Serialize for CallCounters {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(5))?;
        map.serialize_entry("calls", &self.calls)?;
        map.serialize_entry("one_way", &self.one_way)?;
        map.serialize_entry("in_flight", &self.in_flight)?;
        map.serialize_entry("errors", &Errors(&self.errors))?;
        map.serialize_entry("latencies", &self.latencies)?;
        map.end()
    }
}

/// A map of statuses' numbers.
struct Errors<'a>(&'a [(Status, u64)]);

impl Serialize for Errors<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (status, count) in self.0 {
            map.serialize_entry(&status.code(), count)?;
        }
        map.end()
    }
}

/// The buckets that are not empty.
impl Serialize for Latencies {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let full = || self.buckets().filter(|(_, count)| *count > 0);
        let mut list = serializer.serialize_seq(Some(full().count()))?;
        for (bound, count) in full() {
            let bound = bound.and_then(|bound| u64::try_from(bound.as_nanos()).ok());
            list.serialize_element(&(bound, count))?;
        }
        list.end()
    }
}
