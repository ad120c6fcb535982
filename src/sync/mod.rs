//! Locks, atomics and threads, under one name each. Everything that threads share, and everything
//! thread-local, goes through this module, so that a model checker's types can replace them (`--cfg
//! callgate_shuttle`).

mod event_count;
#[cfg(not(windows))]
#[cfg_attr(callgate_shuttle, allow(dead_code))]
mod locks;
#[cfg(callgate_shuttle)]
pub(crate) mod modelled;

pub(crate) use std::sync::{Arc, Weak};

pub(crate) use event_count::{EventCount, WakeMask};

#[cfg(not(callgate_shuttle))]
mod chosen {
    #[cfg(not(windows))]
    pub(crate) use super::locks::{Condvar, Mutex, MutexGuard};
    /// They share a table of waiting threads, which does no harm where no process forks.
    #[cfg(windows)]
    pub(crate) use parking_lot::{Condvar, Mutex, MutexGuard};
    pub(crate) use std::sync::atomic;
    pub(crate) use std::{thread, thread_local};

    /// A random number. The standard library seeds its hash maps at random, which is random enough here.
    pub(crate) fn random_number() -> u64 {
        use std::hash::{BuildHasher, RandomState};
        RandomState::new().hash_one(0)
    }
}

#[cfg(callgate_shuttle)]
mod chosen {
    pub(crate) use super::modelled::thread;
    pub(crate) use super::modelled::{Condvar, Mutex, MutexGuard};
    pub(crate) use shuttle::sync::atomic;
    pub(crate) use shuttle::thread_local;

    /// A random number that the checker chooses.
    pub(crate) fn random_number() -> u64 {
        use shuttle::rand::RngCore;
        shuttle::rand::thread_rng().next_u64()
    }
}

pub(crate) use chosen::{atomic, random_number, thread, thread_local, Condvar, Mutex, MutexGuard};

/// Atomics of counters on which nothing depends: a model checker need not try their orders.
pub(crate) mod plain {
    pub(crate) use std::sync::atomic::{AtomicU64, Ordering};
}

/// A static that every run of a model initialises again.
macro_rules! shared_static {
    ($(#[$attribute:meta])* static $name:ident: $type:ty = $value:expr;) => {
        #[cfg(not(callgate_shuttle))]
        $(#[$attribute])*
        static $name: $type = $value;
        #[cfg(callgate_shuttle)]
        shuttle::lazy_static! { static ref $name: $type = $value; }
    };
}

pub(crate) use shared_static;
