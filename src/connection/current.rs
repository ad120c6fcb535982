//! What the present thread is doing: the inbound call that it serves, or the handler that it runs.

use std::cell::Cell;

use crate::sync::atomic::{AtomicU64, Ordering};

/// The inbound call that a thread serves, or the handler that it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Serving {
    /// What tells hosts and clients apart.
    pub runtime: usize,
    /// The connection's address, to tell connections apart; 0 outside a call.
    pub connection: usize,
    /// The call's id; none for a one-way call.
    pub call: Option<u64>,
    pub depth: u32,
}

impl Serving {
    /// A handler that runs outside any call.
    pub fn handler(runtime: usize) -> Serving {
        Serving { runtime, connection: 0, call: None, depth: 0 }
    }
}

static THREADS: AtomicU64 = AtomicU64::new(1);

thread_local! {
    static SERVING: Cell<Option<Serving>> = const { Cell::new(None) };
    static NUMBER: u64 = THREADS.fetch_add(1, Ordering::Relaxed);
}

/// The inbound call that this thread serves, if any.
pub(crate) fn serving() -> Option<Serving> {
    SERVING.with(Cell::get)
}

/// A number of this thread that no other thread of the process has or had.
pub(crate) fn thread_number() -> u64 {
    NUMBER.with(|number| *number)
}

/// Notes the inbound call that this thread serves, until dropped.
pub(crate) struct Scope(Option<Serving>);

impl Scope {
    pub fn enter(serving: Serving) -> Scope {
        Scope(SERVING.with(|cell| cell.replace(Some(serving))))
    }
}

impl Drop for Scope {
    fn drop(&mut self) {
        SERVING.with(|cell| cell.set(self.0));
    }
}
