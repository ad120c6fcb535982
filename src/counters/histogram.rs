//! Latencies, counted in buckets as HdrHistogram does: each power of two is divided into equal parts, so that a
//! bucket's width is a quarter of its lower bound at most.

use std::sync::OnceLock;
use std::time::Duration;

use crate::sync::plain::{AtomicU64, Ordering};

/// Below this many nanoseconds times four, buckets have this width.
const UNIT: u64 = 256;

/// The number of buckets of each power of two, as a power of two.
const PARTS: u32 = 2;

/// The first power of two of units that has no buckets of its own: longer latencies, of more than a minute, are in
/// the last bucket.
const END: u32 = 28;

/// The number of buckets.
const BUCKETS: usize = ((END - PARTS + 1) << PARTS) as usize + 1;

/// The number of the bucket of a latency in nanoseconds.
fn bucket(nanoseconds: u64) -> usize {
    let units = nanoseconds / UNIT;
    let power = 63 - (units | 1).leading_zeros();
    if power < PARTS {
        return units as usize;
    }
    if power >= END {
        return BUCKETS - 1;
    }
    let part = (units >> (power - PARTS)) & ((1 << PARTS) - 1);
    (((power - PARTS + 1) << PARTS) as u64 + part) as usize
}

/// The upper bound of a bucket, which it does not include; `None` for the last bucket, which has none.
fn bound(bucket: usize) -> Option<Duration> {
    if bucket + 1 >= BUCKETS {
        return None;
    }
    let next = bucket as u64 + 1;
    let row = (next >> PARTS) as u32;
    let units = match row {
        0 => next,
        row => ((1 << PARTS) + (next & ((1 << PARTS) - 1))) << (row - 1),
    };
    Some(Duration::from_nanos(units * UNIT))
}

/// Counts latencies, on any thread.
struct Histogram([AtomicU64; BUCKETS]);

impl Default for Histogram {
    fn default() -> Histogram {
        Histogram(std::array::from_fn(|_| AtomicU64::new(0)))
    }
}

impl Histogram {
    #[inline]
    fn note(&self, latency: Duration) {
        let nanoseconds =
            latency.as_secs().saturating_mul(1_000_000_000) + u64::from(latency.subsec_nanos());
        self.0[bucket(nanoseconds)].fetch_add(1, Ordering::Relaxed);
    }

    fn add_to(&self, sum: &mut Latencies) {
        for (sum, bucket) in sum.0.iter_mut().zip(&self.0) {
            *sum += bucket.load(Ordering::Relaxed);
        }
    }
}

/// A histogram that takes no memory until something is counted.
#[derive(Default)]
pub(crate) struct LazyHistogram(OnceLock<Box<Histogram>>);

impl LazyHistogram {
    #[inline]
    pub fn note(&self, latency: Duration) {
        self.0.get_or_init(Box::default).note(latency);
    }

    pub fn add_to(&self, sum: &mut Latencies) {
        if let Some(histogram) = self.0.get() {
            histogram.add_to(sum);
        }
    }
}

/// How many calls took how long, in buckets. A bucket's bounds differ by a quarter at most, except below 1 µs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Latencies([u64; BUCKETS]);

impl Default for Latencies {
    fn default() -> Latencies {
        Latencies([0; BUCKETS])
    }
}

impl Latencies {
    /// How many latencies were counted.
    pub fn count(&self) -> u64 {
        self.0.iter().sum()
    }

    /// All buckets, the shortest latencies first: the upper bound, which the bucket does not include, and the number
    /// of latencies. The last bucket has no bound.
    pub fn buckets(&self) -> impl Iterator<Item = (Option<Duration>, u64)> + '_ {
        self.0.iter().enumerate().map(|(place, &count)| (bound(place), count))
    }

    /// A time that this share of the latencies did not exceed: 0.99 for the 99th percentile. It is the upper bound of
    /// a bucket, and so at most a quarter too long. `None` if there are no latencies, or if it is more than a minute.
    pub fn quantile(&self, share: f64) -> Option<Duration> {
        let wanted = (self.count() as f64 * share).ceil() as u64;
        let mut passed = 0;
        let within = self.buckets().find(|(_, count)| {
            passed += count;
            passed > 0 && passed >= wanted
        });
        within.and_then(|(bound, _)| bound)
    }
}

#[cfg(all(test, not(callgate_shuttle)))]
mod tests {
    use super::*;

    #[test]
    fn each_latency_is_below_the_bound_of_its_bucket_and_not_of_the_one_before() {
        let mut latency = 0_u64;
        while latency < u64::MAX / 2 {
            let place = bucket(latency);
            let time = Duration::from_nanos(latency);
            assert!(bound(place).is_none_or(|bound| time < bound), "{latency}");
            let before = place.checked_sub(1).and_then(bound);
            assert!(before.is_none_or(|before| before <= time), "{latency}");
            latency += latency / 7 + 1;
        }
        assert_eq!(bucket(u64::MAX), BUCKETS - 1);
    }

    #[test]
    fn buckets_are_at_most_a_quarter_wide() {
        let bounds: Vec<_> = (0..BUCKETS - 1).map(|place| bound(place).expect("a bound")).collect();
        for pair in bounds.windows(2) {
            let width = pair[1] - pair[0];
            assert!(width <= pair[0] / 4 || pair[0] < Duration::from_nanos(4 * UNIT), "{pair:?}");
        }
        assert!(bounds[BUCKETS - 2] > Duration::from_secs(60));
    }

    #[test]
    fn quantiles_are_at_most_a_quarter_too_long() {
        let histogram = Histogram::default();
        (1..=1000).for_each(|n| histogram.note(Duration::from_micros(n)));
        let mut latencies = Latencies::default();
        assert_eq!(latencies.quantile(0.5), None);
        histogram.add_to(&mut latencies);
        assert_eq!(latencies.count(), 1000);
        for (share, exact) in [(0.5, 500), (0.99, 990), (1.0, 1000), (0.0, 1)] {
            let found = latencies.quantile(share).expect("there are latencies");
            let exact = Duration::from_micros(exact);
            assert!(found >= exact && found <= exact * 5 / 4 + exact / 4, "{share}: {found:?}");
        }
    }
}
