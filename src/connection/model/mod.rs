//! What must be true for every interleaving of threads, checked by a model checker on the product's own
//! types: `ci/model-check`.
//!
//! A model is a few threads that do what the threads of a connection do. The checker runs it again and
//! again, each time in another order. If all threads get stuck, the model fails.

mod calls;
mod credits;
mod holding;
mod interest;
mod parts;
mod reading;
mod send_queue;
mod side;

use shuttle::scheduler::{PctScheduler, RandomScheduler};
use shuttle::{Config, MaxSteps, Runner};

use crate::error::{Error, Status};

/// The number of schedules per model; `CALLGATE_SCHEDULES` overrides it.
const SCHEDULES: usize = 100_000;

/// More steps than any schedule that makes progress.
const MOST_STEPS: usize = 20_000;

/// How often a schedule by priorities changes them.
const PRIORITY_CHANGES: usize = 3;

/// Runs a model in random orders, and in a tenth as many orders by priorities.
fn explore(model: fn()) {
    let schedules = std::env::var("CALLGATE_SCHEDULES")
        .map_or(SCHEDULES, |count| count.parse().expect("CALLGATE_SCHEDULES is a number"));
    let mut config = Config::new();
    config.max_steps = MaxSteps::FailAfter(MOST_STEPS);
    Runner::new(RandomScheduler::new(schedules), config.clone()).run(model);
    let by_priorities = PctScheduler::new(PRIORITY_CHANGES, schedules / 10);
    Runner::new(by_priorities, config).run(model);
}

/// A choice that the checker makes.
fn perhaps() -> bool {
    use shuttle::rand::Rng;
    shuttle::rand::thread_rng().gen()
}

fn closed() -> Error {
    Error::new(Status::Closed, "closed")
}
