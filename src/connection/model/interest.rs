//! Whether a caller still waits: once a delegate has seen that it does not, no result leaves.

use std::time::{Duration, Instant};

use shuttle::thread;

use super::explore;
use crate::connection::awaited::{instead_of, lost};
use crate::connection::state::cancelled::CancelledCalls;
use crate::error::Status;
use crate::sync::atomic::{AtomicU64, Ordering};
use crate::sync::Arc;
use crate::time;

const CALL: u64 = 7;
const OTHER: u64 = 8;

/// How often a delegate asks before its result is complete.
const ROUNDS: usize = 3;

/// A call that a delegate serves, and the receiver's clock.
struct CallContext {
    cancelled: CancelledCalls,
    began: Instant,
    ticks: AtomicU64,
}

impl CallContext {
    fn new() -> Arc<CallContext> {
        let cancelled = CancelledCalls::new(2);
        Arc::new(CallContext { cancelled, began: time::now(), ticks: AtomicU64::new(0) })
    }

    fn now(&self) -> Instant {
        self.began + Duration::from_millis(self.ticks.load(Ordering::SeqCst))
    }

    /// Why the caller no longer waits, as the delegate sees it.
    fn lost(&self, deadline: Option<Instant>) -> Option<Status> {
        lost(self.cancelled.contains(Some(CALL)), deadline, || self.now())
    }

    /// Serves as a delegate that stops once the caller no longer waits; returns whether it saw that, and
    /// whether its result leaves.
    fn serve(&self, deadline: Option<Instant>) -> (bool, bool) {
        let told = (0..ROUNDS).any(|_| self.lost(deadline).is_some());
        let lost = lost(self.cancelled.replied(CALL), deadline, || self.now());
        (told, instead_of(Ok(b"half"), lost).is_none())
    }
}

fn no_half_result_leaves(has_deadline: bool, is_cancelled: bool) {
    let serving = CallContext::new();
    let deadline = has_deadline.then(|| serving.began + Duration::from_millis(2));
    let delegate = {
        let serving = serving.clone();
        thread::spawn(move || serving.serve(deadline))
    };
    let clock = {
        let serving = serving.clone();
        thread::spawn(move || {
            for _ in 0..ROUNDS {
                serving.ticks.fetch_add(1, Ordering::SeqCst);
            }
        })
    };
    // The reader, with cancels and replies of other calls in between.
    serving.cancelled.add(OTHER);
    if is_cancelled {
        serving.cancelled.add(CALL);
    }
    serving.cancelled.replied(OTHER);
    let (told, leaves) = delegate.join().unwrap();
    clock.join().unwrap();
    assert!(!(told && leaves), "half a result has left");
    assert!(leaves || has_deadline || is_cancelled, "a whole result has not left");
}

#[test]
fn a_delegate_that_was_told_of_the_deadline_gives_no_result() {
    explore(|| no_half_result_leaves(true, false));
}

#[test]
fn a_delegate_that_was_told_of_a_cancel_gives_no_result() {
    explore(|| no_half_result_leaves(false, true));
    explore(|| no_half_result_leaves(true, true));
}

#[test]
fn a_delegate_that_waits_for_a_cancel_learns_of_it_and_gives_no_result() {
    explore(|| {
        let serving = CallContext::new();
        let delegate = {
            let serving = serving.clone();
            thread::spawn(move || {
                let told = serving.cancelled.wait(Some(CALL), None);
                (told, serving.lost(None))
            })
        };
        serving.cancelled.add(OTHER);
        serving.cancelled.add(CALL);
        serving.cancelled.replied(OTHER);
        assert_eq!(delegate.join().unwrap(), (true, Some(Status::Cancelled)));
    });
}

#[test]
fn the_result_of_a_call_that_is_awaited_leaves() {
    explore(|| no_half_result_leaves(false, false));
}

/// While the delegate replies, the reader takes a function of the call because of a cancel, and so does the
/// timer thread.
fn functions_run_for_lost_calls_alone(is_cancelled: bool) {
    let serving = CallContext::new();
    let key = serving.cancelled.new_key(Some(CALL));
    let runs = Arc::new(AtomicU64::new(0));
    let deadline = serving.began + Duration::from_millis(1);
    let function = {
        let runs = runs.clone();
        Box::new(move || {
            runs.fetch_add(1, Ordering::SeqCst);
        })
    };
    assert!(!serving.cancelled.note(key, function));
    let run = move |serving: &CallContext| {
        if let Some(function) = serving.cancelled.take(key) {
            function();
        }
    };
    let delegate = {
        let serving = serving.clone();
        thread::spawn(move || {
            let lost = lost(serving.cancelled.replied(CALL), Some(deadline), || serving.now());
            let is_left = serving.cancelled.take(key).is_some();
            assert!(!is_left, "a function is left to run after the answer");
            instead_of(Ok(b"half"), lost).is_none()
        })
    };
    let timers = {
        let serving = serving.clone();
        thread::spawn(move || {
            serving.ticks.fetch_add(1, Ordering::SeqCst);
            run(&serving);
        })
    };
    if is_cancelled {
        for cancelled in serving.cancelled.add(CALL) {
            assert_eq!(cancelled, key);
            run(&serving);
        }
    }
    let leaves = delegate.join().unwrap();
    timers.join().unwrap();
    let runs = runs.load(Ordering::SeqCst);
    assert!(runs <= 1, "a function has run twice");
    assert!(runs == 0 || !leaves, "a function has run, and the result has left");
}

#[test]
fn a_function_runs_once_and_neither_after_the_answer_nor_before_a_result() {
    explore(|| functions_run_for_lost_calls_alone(false));
    explore(|| functions_run_for_lost_calls_alone(true));
}
