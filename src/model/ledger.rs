//! Records what became of every call of a model, and checks it.

use std::sync::{Mutex, PoisonError};

use crate::error::{Error, Execution, Result};
use crate::sync::modelled::explore::trace;

/// How a call was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Call,
    OneWay,
    Started,
}

#[derive(Debug)]
struct Entry {
    kind: Kind,
    /// The call on whose behalf it was made.
    within: Option<usize>,
    runs: usize,
    outcome: Option<Result<()>>,
}

/// All calls of a model, by number. Its lock is not one of the model's: no thread runs while it is held.
#[derive(Default)]
pub(super) struct Ledger(Mutex<Vec<Entry>>);

impl Ledger {
    fn with<R>(&self, act: impl FnOnce(&mut Vec<Entry>) -> R) -> R {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Records that a call is made; returns its number.
    pub fn begin(&self, kind: Kind, within: Option<usize>) -> usize {
        let number = self.with(|entries| {
            entries.push(Entry { kind, within, runs: 0, outcome: None });
            entries.len() - 1
        });
        trace(|| format!("call {number} begins: {kind:?} within {within:?}"));
        number
    }

    /// Records that a call runs.
    pub fn run(&self, number: usize) {
        trace(|| format!("call {number} runs"));
        self.with(|entries| {
            let entry = &mut entries[number];
            entry.runs += 1;
            assert_eq!(entry.runs, 1, "call {number} runs twice: {entry:?}");
        });
    }

    /// Records the outcome of a call.
    pub fn end(&self, number: usize, outcome: Result<()>) {
        trace(|| format!("call {number} ends: {outcome:?}"));
        self.with(|entries| {
            let entry = &mut entries[number];
            assert!(
                entry.outcome.is_none(),
                "call {number} has two outcomes: {entry:?}, {outcome:?}"
            );
            entry.outcome = Some(outcome);
        });
    }

    /// Checks what must be true of every call once all threads have ended.
    pub fn check(&self) {
        self.with(|entries| {
            for (number, entry) in entries.iter().enumerate() {
                let outcome = entry.outcome.as_ref();
                let outcome =
                    outcome.unwrap_or_else(|| panic!("call {number} has none: {entry:?}"));
                match outcome {
                    Ok(()) if entry.kind == Kind::OneWay => {}
                    Ok(()) => assert_eq!(entry.runs, 1, "call {number} has a result: {entry:?}"),
                    Err(error) => check_execution(number, entry, error),
                }
            }
        });
    }

    /// Checks that every error is one that `expected` allows.
    pub fn check_errors(&self, expected: impl Fn(&Error) -> bool) {
        self.with(|entries| {
            for (number, entry) in entries.iter().enumerate() {
                let unexpected = entry.outcome.as_ref().and_then(|it| it.as_ref().err());
                if let Some(error) = unexpected.filter(|error| !expected(error)) {
                    panic!("call {number} failed: {error:?}");
                }
            }
        });
    }

    /// A one-way call that was sent outside any other call and has not run.
    pub fn one_way_call_left(&self) -> Option<usize> {
        self.with(|entries| {
            entries.iter().position(|entry| {
                let sent = entry.kind == Kind::OneWay && matches!(entry.outcome, Some(Ok(())));
                sent && entry.within.is_none() && entry.runs == 0
            })
        })
    }
}

fn check_execution(number: usize, entry: &Entry, error: &Error) {
    match error.execution() {
        Execution::NotRun => {
            assert_eq!(entry.runs, 0, "call {number} ran and was said not to: {error:?}");
        }
        Execution::Ran => {
            assert_eq!(entry.runs, 1, "call {number} did not run and was said to: {error:?}");
        }
        Execution::Unknown => {}
    }
}
