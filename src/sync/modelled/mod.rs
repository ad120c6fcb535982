//! The model checker's locks, with the interface of the real ones.

mod condvar;
pub(crate) mod explore;
pub(crate) mod steered;
pub(crate) mod thread;

use std::fmt;
use std::ops::{Deref, DerefMut};

use shuttle::sync as checker;

use crate::time;

pub(crate) use condvar::Condvar;

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

/// Without the value: to read it, the lock would have to be taken.
impl<T> fmt::Debug for Mutex<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mutex")
    }
}

fn take<T>(lock: &checker::Mutex<T>) -> checker::MutexGuard<'_, T> {
    time::model::note_progress();
    lock.lock().unwrap_or_else(checker::PoisonError::into_inner)
}

pub(crate) struct MutexGuard<'a, T> {
    lock: &'a checker::Mutex<T>,
    /// `None` only while waiting for a condition.
    held: Option<checker::MutexGuard<'a, T>>,
}

impl<T> MutexGuard<'_, T> {
    fn unlock(&mut self) {
        drop(self.held.take());
    }

    fn lock_again(&mut self) {
        self.held = Some(take(self.lock));
    }
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
