//! Locks, atomics and threads, under one name each. Everything that threads share goes through this module,
//! so that a model checker's types can replace them (`--cfg callgate_shuttle`). Threads are always the
//! system's: models start the checker's threads themselves.

mod event_count;
#[cfg_attr(callgate_shuttle, allow(dead_code))]
mod locks;
#[cfg(callgate_shuttle)]
mod modelled;

pub(crate) use event_count::{EventCount, WakeMask};
#[cfg(not(callgate_shuttle))]
pub(crate) use locks::{Condvar, Mutex, MutexGuard};
#[cfg(callgate_shuttle)]
pub(crate) use modelled::{Condvar, Mutex, MutexGuard};
#[cfg(callgate_shuttle)]
pub(crate) use shuttle::sync::atomic;
#[cfg(not(callgate_shuttle))]
pub(crate) use std::sync::atomic;
pub(crate) use std::sync::{Arc, Weak};
pub(crate) use std::thread;
