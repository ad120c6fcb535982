//! The standard library's locks without poisoning, since what they guard here is consistent between any two
//! statements. On Linux each lock is a plain number, so new ones work in the child of a fork. Locks that
//! share a table of waiting threads would not: in the child the table would list threads that do not exist
//! there.

use crate::time;
use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{self, PoisonError};
use std::time::{Duration, Instant};

/// A lock.
#[derive(Debug, Default)]
pub(crate) struct Mutex<T>(sync::Mutex<T>);

impl<T> Mutex<T> {
    pub const fn new(value: T) -> Mutex<T> {
        Mutex(sync::Mutex::new(value))
    }

    #[inline]
    pub fn lock(&self) -> MutexGuard<'_, T> {
        MutexGuard(Some(self.0.lock().unwrap_or_else(PoisonError::into_inner)))
    }

    pub fn get_mut(&mut self) -> &mut T {
        self.0.get_mut().unwrap_or_else(PoisonError::into_inner)
    }
}

/// `None` only while waiting for a condition.
pub(crate) struct MutexGuard<'a, T>(Option<sync::MutexGuard<'a, T>>);

impl<T> Deref for MutexGuard<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        self.0.as_ref().expect("held outside of waits")
    }
}

impl<T> DerefMut for MutexGuard<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        self.0.as_mut().expect("held outside of waits")
    }
}

/// Whether a wait ended because the deadline passed.
pub(crate) struct WaitTimeoutResult(bool);

impl WaitTimeoutResult {
    pub fn timed_out(&self) -> bool {
        self.0
    }
}

/// A condition variable. Notifying makes a system call only if somebody waits, so the condition must change
/// with the lock held.
#[derive(Debug, Default)]
pub(crate) struct Condvar {
    inner: sync::Condvar,
    waiting: AtomicUsize,
}

impl Condvar {
    pub fn new() -> Condvar {
        Condvar::default()
    }

    #[inline]
    pub fn notify_one(&self) {
        if self.waiting.load(Ordering::Relaxed) > 0 {
            self.inner.notify_one();
        }
    }

    #[inline]
    pub fn notify_all(&self) {
        if self.waiting.load(Ordering::Relaxed) > 0 {
            self.inner.notify_all();
        }
    }

    pub fn wait<T>(&self, guard: &mut MutexGuard<'_, T>) {
        self.counted(guard, |held| {
            (self.inner.wait(held).unwrap_or_else(PoisonError::into_inner), ())
        });
    }

    pub fn wait_for<T>(
        &self,
        guard: &mut MutexGuard<'_, T>,
        patience: Duration,
    ) -> WaitTimeoutResult {
        self.counted(guard, |held| {
            let waited = self.inner.wait_timeout(held, patience);
            let (held, result) = waited.unwrap_or_else(PoisonError::into_inner);
            (held, WaitTimeoutResult(result.timed_out()))
        })
    }

    pub fn wait_until<T>(
        &self,
        guard: &mut MutexGuard<'_, T>,
        deadline: Instant,
    ) -> WaitTimeoutResult {
        self.wait_for(guard, time::left(deadline))
    }

    /// Waits, and counts itself with the lock held, so that every later change of the condition sees it.
    fn counted<'a, T, R>(
        &self,
        guard: &mut MutexGuard<'a, T>,
        wait: impl FnOnce(sync::MutexGuard<'a, T>) -> (sync::MutexGuard<'a, T>, R),
    ) -> R {
        let held = guard.0.take().expect("held outside of waits");
        self.waiting.fetch_add(1, Ordering::Relaxed);
        let (held, result) = wait(held);
        self.waiting.fetch_sub(1, Ordering::Relaxed);
        guard.0 = Some(held);
        result
    }
}
