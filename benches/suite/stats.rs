//! Slices of work, and the figures computed from them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

/// A property of a measured subject.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Figure {
    #[serde(rename = "p50_us")]
    P50,
    #[serde(rename = "p99_us")]
    P99,
    #[serde(rename = "p999_us")]
    P999,
    #[serde(rename = "max_us")]
    Max,
    #[serde(rename = "mean_us")]
    Mean,
    #[serde(rename = "calls_per_second")]
    Rate,
    #[serde(rename = "processor_us_per_call")]
    Processor,
}

/// The available figures: one-way calls, for example, have no latencies.
pub type Figures = BTreeMap<Figure, f64>;

/// Some calls, made one after another or by several threads at once.
pub struct Slice {
    /// Their number; a fraction if something other than calls is counted.
    calls: f64,
    elapsed: Duration,
    /// In µs; empty if the calls have none.
    latencies: Vec<f64>,
}

impl Slice {
    /// Calls without individual latencies.
    pub fn of(calls: f64, elapsed: Duration) -> Slice {
        Slice { calls, elapsed, latencies: Vec::new() }
    }

    /// Calls one after another with these latencies in µs.
    pub fn of_latencies(latencies: Vec<f64>) -> Slice {
        let elapsed = Duration::from_secs_f64(latencies.iter().sum::<f64>() / 1e6);
        Slice { calls: latencies.len() as f64, elapsed, latencies }
    }

    /// Makes calls one after another; `call` returns how long each took, without its checks.
    pub fn one_by_one(calls: usize, mut call: impl FnMut() -> Duration) -> Slice {
        Slice::of_latencies((0..calls).map(|_| micros(call())).collect())
    }

    /// Makes calls together, each worker on a thread of its own; `call` returns how long each took.
    pub fn at_once<W: Send>(
        workers: &mut [W],
        calls: usize,
        call: impl Fn(&mut W) -> Duration + Sync,
    ) -> Slice {
        let each = (calls / workers.len()).max(1);
        let (start, call) = (Barrier::new(workers.len()), &call);
        let work = |worker: &mut W| {
            start.wait();
            let begun = Instant::now();
            let latencies: Vec<f64> = (0..each).map(|_| micros(call(worker))).collect();
            (begun, latencies, Instant::now())
        };
        let work = &work;
        let done: Vec<_> = thread::scope(|scope| {
            let threads = workers.iter_mut().map(|worker| scope.spawn(move || work(worker)));
            let threads: Vec<_> = threads.collect();
            let joined = threads.into_iter().map(|thread| thread.join());
            joined.map(|outcome| outcome.expect("its calls succeed")).collect()
        });
        let begun = done.iter().map(|(begun, ..)| *begun).min().expect("there are workers");
        let ended = done.iter().map(|(.., ended)| *ended).max().expect("there are workers");
        let latencies: Vec<f64> =
            done.into_iter().flat_map(|(_, latencies, _)| latencies).collect();
        Slice { calls: latencies.len() as f64, elapsed: ended - begun, latencies }
    }

    /// Its figures, given the CPU time that it took on all sides.
    pub fn figures(mut self, processor: Duration) -> Figures {
        let mut figures = Figures::new();
        figures.insert(Figure::Rate, self.calls / self.elapsed.as_secs_f64());
        figures.insert(Figure::Processor, micros(processor) / self.calls);
        if !self.latencies.is_empty() {
            self.latencies.sort_by(f64::total_cmp);
            let mean = self.latencies.iter().sum::<f64>() / self.latencies.len() as f64;
            figures.insert(Figure::Mean, mean);
            for (figure, part) in
                [(Figure::P50, 0.5), (Figure::P99, 0.99), (Figure::P999, 0.999), (Figure::Max, 1.0)]
            {
                figures.insert(figure, at(&self.latencies, part));
            }
        }
        figures
    }
}

/// Runs a function; returns its result and how long it took.
pub fn timed<R>(act: impl FnOnce() -> R) -> (R, Duration) {
    let begun = Instant::now();
    let result = act();
    (result, begun.elapsed())
}

pub fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

/// The median of each figure over the rounds; for maxima, the largest.
pub fn over_rounds(rounds: &[Figures]) -> Figures {
    let known: BTreeSet<Figure> = rounds.iter().flat_map(|round| round.keys().copied()).collect();
    let summary = known.into_iter().map(|figure| {
        let mut values: Vec<f64> =
            rounds.iter().filter_map(|round| round.get(&figure)).copied().collect();
        values.sort_by(f64::total_cmp);
        (figure, if figure == Figure::Max { at(&values, 1.0) } else { median(&values) })
    });
    summary.collect()
}

/// Figures as multiples of others, without those whose reference is zero or missing.
pub fn multiples(figures: &Figures, of: &Figures) -> Figures {
    let both = figures.iter().filter_map(|(figure, value)| Some((figure, value, of.get(figure)?)));
    let multiples = both.map(|(&figure, value, of)| (figure, value / of));
    multiples.filter(|(_, multiple)| multiple.is_finite()).collect()
}

/// The middle one of sorted values, or the mean of the two in the middle.
fn median(sorted: &[f64]) -> f64 {
    let (below, above) = ((sorted.len() - 1) / 2, sorted.len() / 2);
    (sorted[below] + sorted[above]) / 2.0
}

/// The quantile `part` of sorted values.
fn at(sorted: &[f64], part: f64) -> f64 {
    let place = (sorted.len() as f64 * part) as usize;
    sorted[place.min(sorted.len() - 1)]
}
