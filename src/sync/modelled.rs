//! The model checker's locks, with the interface of the real ones.

use std::ops::{Deref, DerefMut};
use std::time::{Duration, Instant};

use shuttle::rand::Rng;
use shuttle::sync as checker;

/// A lock without poisoning.
#[derive(Default)]
pub(crate) struct Mutex<T>(checker::Mutex<T>);

impl<T> Mutex<T> {
    pub fn new(value: T) -> Mutex<T> {
        Mutex(checker::Mutex::new(value))
    }

    pub fn lock(&self) -> MutexGuard<'_, T> {
        MutexGuard { lock: &self.0, held: Some(take(&self.0)) }
    }

    pub fn get_mut(&mut self) -> &mut T {
        self.0.get_mut().unwrap_or_else(checker::PoisonError::into_inner)
    }
}

fn take<T>(lock: &checker::Mutex<T>) -> checker::MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(checker::PoisonError::into_inner)
}

pub(crate) struct MutexGuard<'a, T> {
    lock: &'a checker::Mutex<T>,
    /// `None` only while waiting for a condition.
    held: Option<checker::MutexGuard<'a, T>>,
}

impl<T> Deref for MutexGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.held.as_ref().expect("held outside of waits")
    }
}

impl<T> DerefMut for MutexGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        self.held.as_mut().expect("held outside of waits")
    }
}

pub(crate) struct WaitTimeoutResult(bool);

impl WaitTimeoutResult {
    pub fn timed_out(&self) -> bool {
        self.0
    }
}

/// A condition variable. Time does not pass in a model: when a wait begins, the checker chooses whether its
/// deadline passes before anything else happens. A deadline that does not pass then never does, so that
/// lost wake-ups are found.
#[derive(Default)]
pub(crate) struct Condvar(checker::Condvar);

impl Condvar {
    pub fn new() -> Condvar {
        Condvar::default()
    }

    pub fn notify_one(&self) {
        self.0.notify_one();
    }

    pub fn notify_all(&self) {
        self.0.notify_all();
    }

    pub fn wait<T>(&self, guard: &mut MutexGuard<'_, T>) {
        let held = guard.held.take().expect("held outside of waits");
        let again = self.0.wait(held).unwrap_or_else(checker::PoisonError::into_inner);
        guard.held = Some(again);
    }

    /// The deadline passes at once or never.
    pub fn wait_until<T>(&self, guard: &mut MutexGuard<'_, T>, _: Instant) -> WaitTimeoutResult {
        let passes = shuttle::rand::thread_rng().gen::<bool>();
        if passes {
            return self.wait_for(guard, Duration::ZERO);
        }
        self.wait(guard);
        WaitTimeoutResult(false)
    }

    /// Always times out: the caller checks its condition and waits again.
    pub fn wait_for<T>(&self, guard: &mut MutexGuard<'_, T>, _: Duration) -> WaitTimeoutResult {
        drop(guard.held.take());
        shuttle::thread::yield_now();
        guard.held = Some(take(guard.lock));
        WaitTimeoutResult(true)
    }
}
