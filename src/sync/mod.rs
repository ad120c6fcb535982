//! Locks, atomics and threads, by one name each: everything that two threads share goes through
//! here, so that a model checker's types can take their place.

mod locks;

pub(crate) use locks::{Condvar, Mutex, MutexGuard, RwLock};
pub(crate) use std::sync::atomic;
pub(crate) use std::sync::{Arc, Weak};
pub(crate) use std::thread;
