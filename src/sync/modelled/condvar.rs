//! A condition variable whose waits follow the clock of the model.

use std::sync::{self, PoisonError};
use std::time::{Duration, Instant};

use shuttle::rand::Rng;

use super::MutexGuard;
use crate::sync::Arc;
use crate::time;
use crate::time::model::Sleeper;

pub(crate) struct WaitTimeoutResult(bool);

impl WaitTimeoutResult {
    pub fn timed_out(&self) -> bool {
        self.0
    }
}

/// A condition variable. The checker chooses which waiting thread it wakes.
#[derive(Default)]
pub(crate) struct Condvar(sync::Mutex<Vec<Arc<Sleeper>>>);

impl Condvar {
    pub fn new() -> Condvar {
        Condvar::default()
    }

    /// No thread of the model runs while this is held.
    fn sleepers(&self) -> sync::MutexGuard<'_, Vec<Arc<Sleeper>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn waiting(&self) -> Vec<Arc<Sleeper>> {
        self.sleepers().iter().filter(|sleeper| sleeper.is_waiting()).cloned().collect()
    }

    pub fn notify_one(&self) {
        let mut waiting = self.waiting();
        while !waiting.is_empty() {
            let any = shuttle::rand::thread_rng().gen_range(0..waiting.len());
            if waiting.swap_remove(any).wake() {
                return;
            }
        }
    }

    pub fn notify_all(&self) {
        for sleeper in self.waiting() {
            sleeper.wake();
        }
    }

    pub fn wait<T>(&self, guard: &mut MutexGuard<'_, T>) {
        self.sleep(guard, None);
    }

    pub fn wait_until<T>(
        &self,
        guard: &mut MutexGuard<'_, T>,
        deadline: Instant,
    ) -> WaitTimeoutResult {
        WaitTimeoutResult(self.sleep(guard, Some(deadline)))
    }

    pub fn wait_for<T>(&self, guard: &mut MutexGuard<'_, T>, time: Duration) -> WaitTimeoutResult {
        self.wait_until(guard, time::after(time))
    }

    fn sleep<T>(&self, guard: &mut MutexGuard<'_, T>, deadline: Option<Instant>) -> bool {
        let sleeper = Sleeper::new();
        self.sleepers().push(sleeper.clone());
        guard.unlock();
        let late = sleeper.sleep(deadline);
        self.sleepers().retain(|other| !Arc::ptr_eq(other, &sleeper));
        guard.lock_again();
        late
    }
}
