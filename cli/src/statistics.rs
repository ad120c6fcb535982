//! Latencies, in bounded memory.

use std::fmt::{self, Display};
use std::time::Duration;

use serde_json::{json, Value};

use crate::duration::short;

/// Each power of two is divided into this number of buckets, so that a latency is known to about 3 %.
const STEPS: u64 = 32;

/// How often each latency occurred.
#[derive(Clone, Default)]
pub struct Latencies {
    /// By bucket.
    counts: Vec<u64>,
    count: u64,
    total: u128,
    least: u64,
    most: u64,
}

/// The bucket of a number of nanoseconds: exact below `STEPS`, logarithmic above.
fn bucket(ns: u64) -> usize {
    let shift = (u64::BITS - ns.leading_zeros()).saturating_sub(STEPS.ilog2() + 1);
    (u64::from(shift) * STEPS + (ns >> shift)) as usize
}

/// The lowest number of nanoseconds of a bucket.
fn begin(bucket: usize) -> u64 {
    let bucket = bucket as u64;
    match (bucket / STEPS).saturating_sub(1) {
        0 => bucket,
        shift => (bucket - shift * STEPS) << shift,
    }
}

impl Latencies {
    pub fn add(&mut self, latency: Duration) {
        let ns = u64::try_from(latency.as_nanos()).unwrap_or(u64::MAX);
        let bucket = bucket(ns);
        if self.counts.len() <= bucket {
            self.counts.resize(bucket + 1, 0);
        }
        self.counts[bucket] += 1;
        self.least = if self.count == 0 { ns } else { self.least.min(ns) };
        self.most = self.most.max(ns);
        self.count += 1;
        self.total += u128::from(ns);
    }

    /// Adds those of another thread.
    pub fn merge(&mut self, other: &Latencies) {
        if other.count == 0 {
            return;
        }
        self.counts.resize(self.counts.len().max(other.counts.len()), 0);
        for (bucket, count) in other.counts.iter().enumerate() {
            self.counts[bucket] += count;
        }
        self.least = if self.count == 0 { other.least } else { self.least.min(other.least) };
        self.most = self.most.max(other.most);
        self.count += other.count;
        self.total += other.total;
    }

    pub fn count(&self) -> u64 {
        self.count
    }

    pub fn mean(&self) -> Duration {
        nanoseconds((self.total / u128::from(self.count.max(1))) as u64)
    }

    /// The latency that this part of them, from 0 to 1, does not exceed.
    pub fn quantile(&self, part: f64) -> Duration {
        let wanted = ((part * self.count as f64).ceil() as u64).clamp(1, self.count.max(1));
        let mut before = 0;
        let found = self.counts.iter().position(|count| {
            before += count;
            before >= wanted
        });
        let ns = found.map_or(0, |bucket| begin(bucket + 1).wrapping_sub(1));
        nanoseconds(ns.clamp(self.least, self.most))
    }

    pub fn to_json(&self) -> Value {
        let us = |duration: Duration| duration.as_nanos() as f64 / 1e3;
        json!({
            "count": self.count,
            "min_us": us(nanoseconds(self.least)),
            "mean_us": us(self.mean()),
            "p50_us": us(self.quantile(0.5)),
            "p90_us": us(self.quantile(0.9)),
            "p99_us": us(self.quantile(0.99)),
            "max_us": us(nanoseconds(self.most)),
        })
    }

    /// A line for each step of 1, 2, 5, 10, … from the quickest to the slowest, with a bar.
    pub fn histogram(&self) -> String {
        let ends = (0..20).flat_map(|power| [1, 2, 5].map(|step| step * 10_u64.pow(power)));
        let ends = ends.take_while(|end| *end <= self.most.saturating_mul(5));
        let mut rows: Vec<(u64, u64)> = ends.map(|end| (end, 0)).collect();
        for (bucket, count) in self.counts.iter().enumerate() {
            if let Some(row) = rows.iter_mut().find(|(end, _)| begin(bucket) < *end) {
                row.1 += count;
            }
        }
        let first = rows.iter().position(|row| row.1 > 0).unwrap_or(0);
        let last = rows.iter().rposition(|row| row.1 > 0).map_or(0, |last| last + 1);
        let most = rows.iter().map(|row| row.1).max().unwrap_or(1).max(1);
        let lines = rows[first.min(last)..last].iter().map(|(end, count)| {
            let bar = "#".repeat((count * 40).div_ceil(most) as usize);
            format!("  < {:>8} {count:>9} {bar}", short(nanoseconds(*end)))
        });
        lines.collect::<Vec<_>>().join("\n")
    }
}

fn nanoseconds(ns: u64) -> Duration {
    Duration::from_nanos(ns)
}

impl Display for Latencies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let figures = [
            ("min", nanoseconds(self.least)),
            ("mean", self.mean()),
            ("p50", self.quantile(0.5)),
            ("p99", self.quantile(0.99)),
            ("max", nanoseconds(self.most)),
        ];
        let shown = figures.map(|(name, figure)| format!("{name} {}", short(figure)));
        f.write_str(&shown.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_are_in_order_and_narrow() {
        for ns in (0..100_000).chain([u64::MAX >> 1, u64::MAX]) {
            let bucket = bucket(ns);
            let low = begin(bucket);
            assert!(low <= ns, "{ns}");
            assert!(bucket == super::bucket(u64::MAX) || begin(bucket + 1) > ns, "{ns}");
            assert!((ns - low) as f64 <= ns as f64 / STEPS as f64, "{ns}");
        }
    }

    #[test]
    fn quantiles_of_a_thousand() {
        let mut latencies = Latencies::default();
        let mut other = Latencies::default();
        for us in 1..=1000 {
            let half = if us % 2 == 0 { &mut latencies } else { &mut other };
            half.add(Duration::from_micros(us));
        }
        latencies.merge(&other);
        assert_eq!(latencies.count(), 1000);
        assert_eq!(latencies.mean(), Duration::from_nanos(500_500));
        let p50 = latencies.quantile(0.5).as_nanos() as f64 / 500e3;
        assert!((0.96..1.04).contains(&p50), "{p50}");
        assert_eq!(latencies.quantile(1.0), Duration::from_millis(1));
        let histogram = latencies.histogram();
        assert!(histogram.ends_with(&"#".repeat(40)), "{histogram}");
        assert_eq!(histogram.lines().count(), 10, "{histogram}");
    }
}
