//! The samples of the last seconds.

use std::collections::VecDeque;
use std::time::Duration;

use callgate::Error;

use crate::commands::watch::{About, Figures, Sample};

/// The time whose latencies are shown, and how many samples of it are kept at most.
const WINDOW: Duration = Duration::from_secs(10);
const MOST_SAMPLES: usize = 100;

/// How many rates are kept: more than a terminal has columns.
const MOST_RATES: usize = 500;

/// What is known of a host.
#[derive(Default)]
pub struct History {
    samples: VecDeque<Sample>,
    rates: VecDeque<u64>,
    /// Why there is no present sample.
    pub failure: Option<Error>,
}

impl History {
    /// Adds the outcome of asking the host. Another host, or the same one started again, begins anew.
    pub fn add(&mut self, outcome: Result<Sample, Error>) {
        match outcome {
            Ok(sample) => {
                let is_same = |last: &Sample| last.about.generation == sample.about.generation;
                if !self.samples.back().is_some_and(is_same) {
                    self.samples.clear();
                }
                while self.samples.len() >= MOST_SAMPLES || self.second_is_old_enough(&sample) {
                    self.samples.pop_front();
                }
                self.samples.push_back(sample);
                self.failure = None;
            }
            Err(error) => {
                self.samples.clear();
                self.failure = Some(error);
            }
        }
        if self.rates.len() >= MOST_RATES {
            self.rates.pop_front();
        }
        let calls = self.figures().map_or(0.0, |it| it.served.calls + it.served.one_way);
        self.rates.push_back(calls.round() as u64);
    }

    /// Whether the window is covered without the oldest sample.
    fn second_is_old_enough(&self, latest: &Sample) -> bool {
        self.samples.get(1).is_some_and(|second| latest.at - second.at >= WINDOW)
    }

    /// The host, if it replies.
    pub fn about(&self) -> Option<&About> {
        self.samples.back().map(|sample| &sample.about)
    }

    /// The endpoint of the host; all endpoints that are tried, if none replies.
    pub fn endpoint<'a>(&'a self, all: &'a str) -> &'a str {
        self.about().map_or(all, |about| &about.endpoint)
    }

    /// The time between the last two samples.
    pub fn interval(&self) -> Duration {
        let last_two = self.last_two();
        last_two.map_or(Duration::ZERO, |[before, now]| now.at - before.at)
    }

    /// What the host does, if there are two samples of it.
    pub fn figures(&self) -> Option<Figures> {
        let [before, now] = self.last_two()?;
        let seconds = (now.at - before.at).as_secs_f64();
        let oldest = &self.samples.front()?.counters;
        Some(Figures::new(&now.counters, &before.counters, seconds, oldest))
    }

    fn last_two(&self) -> Option<[&Sample; 2]> {
        let before = self.samples.len().checked_sub(2)?;
        Some([&self.samples[before], self.samples.back()?])
    }

    /// The last calls a second that the host has served, the oldest first.
    pub fn rates(&self, most: usize) -> Vec<u64> {
        let skipped = self.rates.len().saturating_sub(most);
        self.rates.iter().skip(skipped).copied().collect()
    }
}
