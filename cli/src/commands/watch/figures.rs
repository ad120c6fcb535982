//! What two samples say about the time between them.

use std::collections::BTreeMap;
use std::time::Duration;

use callgate::Status;

use crate::counters::{CallCounters, Counters};

/// How many statuses are shown: more than there are.
const MOST_STATUSES: usize = 32;

/// What a host does, as its counters at two moments say.
pub struct Figures {
    pub now: Counters,
    pub bytes_received: f64,
    pub bytes_sent: f64,
    /// Callbacks.
    pub made: CallFigures,
    pub served: CallFigures,
}

/// The calls of one direction: numbers a second, unless they say something else.
pub struct CallFigures {
    pub calls: f64,
    pub one_way: f64,
    /// How many have no reply now.
    pub in_flight: u64,
    pub errors: f64,
    pub errors_by_status: BTreeMap<i32, Errors>,
    pub latencies: Latencies,
}

/// The calls that ended with one status.
pub struct Errors {
    pub per_second: f64,
    /// Since the host has started.
    pub total: u64,
}

/// How long calls took, in buckets.
#[derive(Debug, Default, PartialEq)]
pub struct Latencies(Vec<(Option<u64>, u64)>);

impl Figures {
    /// Compares counters with those of the same host `seconds` before, and latencies with those of a longer time ago:
    /// a host measures only some of its calls.
    pub fn new(now: &Counters, before: &Counters, seconds: f64, long_before: &Counters) -> Figures {
        let calls = |of: fn(&Counters) -> &CallCounters| {
            CallFigures::new(of(now), of(before), seconds, of(long_before))
        };
        Figures {
            bytes_received: rate(now.bytes_received, before.bytes_received, seconds),
            bytes_sent: rate(now.bytes_sent, before.bytes_sent, seconds),
            made: calls(|counters| &counters.made),
            served: calls(|counters| &counters.served),
            now: now.clone(),
        }
    }
}

impl CallFigures {
    fn new(
        now: &CallCounters,
        before: &CallCounters,
        seconds: f64,
        long_before: &CallCounters,
    ) -> CallFigures {
        let errors_by_status: BTreeMap<i32, Errors> = now
            .errors
            .iter()
            .take(MOST_STATUSES)
            .map(|(status, total)| {
                let before = before.errors.get(status).copied().unwrap_or(0);
                (*status, Errors { per_second: rate(*total, before, seconds), total: *total })
            })
            .collect();
        CallFigures {
            calls: rate(now.calls, before.calls, seconds),
            one_way: rate(now.one_way, before.one_way, seconds),
            in_flight: now.in_flight,
            errors: errors_by_status.values().fold(0.0, |sum, it| sum + it.per_second),
            errors_by_status,
            latencies: Latencies::between(now, long_before),
        }
    }
}

/// How much a counter has grown a second. A counter of a peer may do anything; this never fails.
fn rate(now: u64, before: u64, seconds: f64) -> f64 {
    match seconds > 0.0 {
        true => now.saturating_sub(before) as f64 / seconds,
        false => 0.0,
    }
}

impl Latencies {
    /// Those that were measured between two moments.
    fn between(now: &CallCounters, before: &CallCounters) -> Latencies {
        let before: BTreeMap<Option<u64>, u64> = before.latencies.iter().copied().collect();
        let grown = now.latencies.iter().map(|(bound, count)| {
            (*bound, count.saturating_sub(before.get(bound).copied().unwrap_or(0)))
        });
        let mut grown: Vec<_> = grown.filter(|(_, count)| *count > 0).collect();
        // The last bucket has no bound.
        grown.sort_by_key(|(bound, _)| bound.unwrap_or(u64::MAX));
        Latencies(grown)
    }

    pub fn count(&self) -> u64 {
        self.0.iter().fold(0, |sum, (_, count)| sum.saturating_add(*count))
    }

    /// A time that this part of the calls did not exceed: the upper bound of a bucket. `None` if there are no calls;
    /// [`Duration::MAX`] if it is more than the last bound.
    pub fn quantile(&self, part: f64) -> Option<Duration> {
        let wanted = (self.count() as f64 * part).ceil() as u64;
        let mut passed = 0_u64;
        let within = self.0.iter().find(|(_, count)| {
            passed = passed.saturating_add(*count);
            passed >= wanted
        });
        within.map(|(bound, _)| bound.map_or(Duration::MAX, Duration::from_nanos))
    }
}

/// What a status is called.
pub fn status_name(code: i32) -> String {
    Status::from_code(code).map_or_else(|| format!("status {code}"), |status| status.name().into())
}
