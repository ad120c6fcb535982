//! What the present thread is doing for Callgate: the inbound call that it serves, or the handler or
//! routine of the user's that it runs; and what that was caused by.

use std::cell::{Cell, RefCell};

use crate::sync::atomic::{AtomicU64, Ordering};
use crate::sync::Arc;

/// Tokens of one thread are told apart by so many low bits of them.
const TOKEN_BITS: u32 = 40;

/// What a piece of user code was caused by: the call or routine that it runs within, what that one
/// was made within, and so on, across processes and back.
#[derive(Debug)]
pub(crate) struct Lineage {
    token: u64,
    before: Option<Arc<Lineage>>,
}

impl Lineage {
    /// Whether that call or routine is among them.
    pub fn contains(&self, token: u64) -> bool {
        let mut next = Some(self);
        while let Some(link) = next {
            if link.token == token {
                return true;
            }
            next = link.before.as_deref();
        }
        false
    }
}

/// A piece of user code that a thread runs.
#[derive(Clone, Debug)]
pub(crate) struct Serving {
    /// What tells hosts and clients apart.
    pub runtime: usize,
    /// The connection's address, to tell connections apart; 0 outside a call.
    pub connection: usize,
    /// The call's id; none for a one-way call, and outside a call.
    pub call: Option<u64>,
    pub depth: u32,
    /// What tells this call or routine apart from all others.
    pub token: u64,
    /// What it was caused by.
    pub within: Option<Arc<Lineage>>,
}

impl Serving {
    /// A handler or routine that runs outside any call.
    pub fn handler(runtime: usize) -> Serving {
        Serving { runtime, connection: 0, call: None, depth: 0, token: new_token(), within: None }
    }

    /// What a call made now is caused by.
    pub fn lineage(&self) -> Arc<Lineage> {
        Arc::new(Lineage { token: self.token, before: self.within.clone() })
    }

    /// Whether it is that call or routine, or was caused by it.
    pub fn is_within(&self, token: u64) -> bool {
        self.token == token || self.within.as_ref().is_some_and(|within| within.contains(token))
    }
}

/// A routine that is about to run; calls that it makes and causes know it.
pub(crate) struct Routine(Serving);

impl Routine {
    /// A routine of the host or client with this runtime.
    pub fn new(runtime: usize) -> Routine {
        Routine(Serving::handler(runtime))
    }

    pub fn token(&self) -> u64 {
        self.0.token
    }

    /// Runs it on this thread.
    pub fn run<R>(self, routine: impl FnOnce() -> R) -> R {
        let _scope = Scope::enter(self.0);
        routine()
    }
}

/// Whether this thread runs what that token stands for, or what was caused by it.
pub(crate) fn is_within(token: u64) -> bool {
    with_serving(|serving| serving.is_some_and(|serving| serving.is_within(token)))
}

/// Whether this thread runs user code.
pub(crate) fn is_serving() -> bool {
    with_serving(|serving| serving.is_some())
}

static THREADS: AtomicU64 = AtomicU64::new(1);

thread_local! {
    static SERVING: RefCell<Option<Serving>> = const { RefCell::new(None) };
    static NUMBER: u64 = THREADS.fetch_add(1, Ordering::Relaxed);
    static TOKENS: Cell<u64> = const { Cell::new(0) };
}

/// Looks at what this thread runs, if it runs user code.
pub(crate) fn with_serving<R>(look: impl FnOnce(Option<&Serving>) -> R) -> R {
    SERVING.with_borrow(|serving| look(serving.as_ref()))
}

/// What this thread runs, if it runs user code.
pub(crate) fn serving() -> Option<Serving> {
    with_serving(|serving| serving.cloned())
}

/// A number of this thread that no other thread of the process has or had.
pub(crate) fn thread_number() -> u64 {
    NUMBER.with(|number| *number)
}

/// A token that nothing else in this process has or had.
pub(crate) fn new_token() -> u64 {
    let count = TOKENS.get() + 1;
    TOKENS.set(count);
    (thread_number() << TOKEN_BITS) | count
}

/// Notes what this thread runs, until dropped.
pub(crate) struct Scope(Option<Serving>);

impl Scope {
    pub fn enter(serving: Serving) -> Scope {
        Scope(SERVING.replace(Some(serving)))
    }
}

impl Drop for Scope {
    fn drop(&mut self) {
        SERVING.replace(self.0.take());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_caused_within_knows_all_its_causes() {
        let outer = Serving::handler(1);
        let inner = Serving { within: Some(outer.lineage()), ..Serving::handler(1) };
        let innermost = Serving { within: Some(inner.lineage()), ..Serving::handler(1) };
        assert!(innermost.is_within(outer.token) && innermost.is_within(inner.token));
        assert!(innermost.is_within(innermost.token));
        assert!(!outer.is_within(inner.token));
    }

    #[test]
    fn scopes_nest() {
        let outer = Scope::enter(Serving::handler(1));
        {
            let _inner = Scope::enter(Serving::handler(2));
            assert_eq!(with_serving(|serving| serving.unwrap().runtime), 2);
        }
        assert_eq!(with_serving(|serving| serving.unwrap().runtime), 1);
        drop(outer);
        assert!(with_serving(|serving| serving.is_none()));
    }
}
