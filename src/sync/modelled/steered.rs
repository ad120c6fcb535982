//! Runs a model once, in an order that bytes choose, as a fuzzer does.

use shuttle::scheduler::{Schedule, Scheduler, Task, TaskId};

use super::explore;
use crate::random::Random;

/// A byte of the order chooses among this many threads.
const THREADS: u8 = 16;

/// How many more steps the chosen thread takes for each 16 in the byte.
const STEPS: u32 = 4;

/// Runs a model. Each byte of `order` chooses a thread, and how many steps it takes before the next one. Once they are
/// used up, `seed` decides at each step. The clock follows `seed` too. The same bytes and seed repeat the run.
pub fn run(order: Vec<u8>, seed: u64, model: impl Fn() + Send + Sync + 'static) {
    let (random, order) = (Random::new(seed), order.into_iter());
    explore::run(Steered { order, steps: 0, seed: Some(seed), random }, model);
}

#[derive(Debug)]
struct Steered {
    order: std::vec::IntoIter<u8>,
    /// How many more steps the thread takes that runs.
    steps: u32,
    /// `None` once the model has run.
    seed: Option<u64>,
    random: Random,
}

impl Steered {
    /// A number below `count`.
    fn choose(&mut self, count: usize) -> usize {
        match self.order.next() {
            Some(byte) => {
                self.steps = u32::from(byte / THREADS) * STEPS;
                usize::from(byte % THREADS) % count
            }
            None => self.random.below(count as u64) as usize,
        }
    }
}

impl Scheduler for Steered {
    fn new_execution(&mut self) -> Option<Schedule> {
        self.seed.take().map(Schedule::new)
    }

    fn next_task(
        &mut self,
        runnable: &[&Task],
        current: Option<TaskId>,
        is_yielding: bool,
    ) -> Option<TaskId> {
        let goes_on = current.filter(|id| runnable.iter().any(|task| task.id() == *id));
        if self.steps > 0 && !is_yielding && goes_on.is_some() {
            self.steps -= 1;
            return goes_on;
        }
        self.steps = 0;
        let chosen = self.choose(runnable.len());
        Some(runnable[chosen].id())
    }

    fn next_u64(&mut self) -> u64 {
        self.random.next()
    }
}
