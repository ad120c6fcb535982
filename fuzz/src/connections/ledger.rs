//! What became of every call. The lock is not one of the model's: no thread of the model runs while it is held.

use std::sync::{Mutex, PoisonError};

use callgate::unstable::model::trace;
use callgate::{Execution, Result};

#[derive(Debug)]
struct Entry {
    one_way: bool,
    runs: usize,
    outcome: Option<Result<()>>,
}

/// All calls of a run, by number.
#[derive(Default)]
pub struct Ledger(Mutex<Vec<Entry>>);

impl Ledger {
    fn with<R>(&self, act: impl FnOnce(&mut Vec<Entry>) -> R) -> R {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Records that a call is made; returns its number.
    pub fn begin(&self, one_way: bool) -> usize {
        let number = self.with(|entries| {
            entries.push(Entry { one_way, runs: 0, outcome: None });
            entries.len() - 1
        });
        trace(|| format!("call {number} begins"));
        number
    }

    /// Records that a call runs. Where bytes were changed, the number may be that of no call.
    pub fn run(&self, number: usize) {
        trace(|| format!("call {number} runs"));
        self.with(|entries| {
            if let Some(entry) = entries.get_mut(number) {
                entry.runs += 1;
            }
        });
    }

    /// Records the outcome of a call: there is one.
    pub fn end(&self, number: usize, outcome: Result<()>) {
        trace(|| format!("call {number} ends: {outcome:?}"));
        self.with(|entries| {
            let before = entries[number].outcome.replace(outcome);
            assert!(
                before.is_none(),
                "call {number} has two outcomes: {before:?}, {:?}",
                entries[number]
            );
        });
    }

    /// Checks that every call has an outcome, once all threads have ended; and that it is true, if both sides got the
    /// bytes that were sent.
    pub fn check(&self, honest: bool) {
        self.with(|entries| {
            for (number, entry) in entries.iter().enumerate() {
                let outcome = entry.outcome.as_ref();
                let outcome = outcome.unwrap_or_else(|| panic!("call {number} has no outcome"));
                if honest {
                    let most = match outcome.as_ref().err().map(callgate::Error::execution) {
                        None if entry.one_way => 0..=1,
                        None | Some(Execution::Ran) => 1..=1,
                        Some(Execution::NotRun) => 0..=0,
                        Some(Execution::Unknown) => 0..=1,
                    };
                    assert!(most.contains(&entry.runs), "call {number}: {entry:?}");
                }
            }
        });
    }
}
